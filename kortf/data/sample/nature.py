"""Articles on living things and on food."""

import random

from kortf.data.sample import names
from kortf.data.sample.domain import Domain, Words, facts, table

LOOKS = "점박이 붉은머리 푸른꼬리 흰배 검은등 노랑부리 줄무늬 금빛 긴다리 작은 큰 얼룩".split()
# kind / stem of the name / covering / where it lives / food / voice or habit / young
ANIMALS = table("""
새 / 물떼새 / 깃털 / 갯벌 / 조개와 갯지렁이 / 새벽마다 휘파람 같은 소리로 운다 / 알
새 / 딱따구리 / 깃털 / 참나무 숲 / 나무 속 애벌레 / 부리로 나무를 두드려 짝을 부른다 / 알
새 / 올빼미 / 깃털 / 바위 절벽 / 들쥐 / 해가 진 뒤에 소리 없이 난다 / 알
물고기 / 송어 / 비늘 / 차가운 계곡물 / 물에 떨어진 벌레 / 물살을 거슬러 폭포를 뛰어오른다 / 알
물고기 / 망둑어 / 비늘 / 강어귀의 진흙 / 작은 새우 / 물이 빠지면 가슴지느러미로 기어 다닌다 / 알
물고기 / 쥐치 / 비늘 / 바닷속 바위틈 / 해파리 / 놀라면 몸을 부풀린다 / 알
포유류 / 족제비 / 털 / 개울가 돌담 / 개구리와 들쥐 / 꼬리를 세우고 두 발로 서서 망을 본다 / 새끼
포유류 / 사슴 / 털 / 높은 산의 풀밭 / 어린잎과 나무껍질 / 겨울이면 떼 지어 골짜기로 내려온다 / 새끼
포유류 / 박쥐 / 털 / 석회 동굴 / 나방 / 천장에 거꾸로 매달려 겨울잠을 잔다 / 새끼
포유류 / 토끼 / 털 / 갈대밭 / 풀뿌리 / 땅속에 여러 갈래의 굴을 판다 / 새끼
곤충 / 하늘소 / 딱지날개 / 썩은 나무 / 나무즙 / 한여름 밤 불빛에 모여든다 / 알
곤충 / 나비 / 비늘가루 / 햇볕이 드는 길섶 / 엉겅퀴 꿀 / 수백 마리가 떼를 지어 바다를 건넌다 / 알
곤충 / 잠자리 / 얇은 날개 / 연못가 / 모기와 하루살이 / 제 땅을 정하고 둘레를 빙빙 돈다 / 알
개구리 / 맹꽁이 / 매끄러운 살갗 / 논두렁 / 개미와 거미 / 장마 때면 밤새 합창을 한다 / 알
""")
# kind / stem / part used / use / flower
PLANTS = table("""
풀 / 쑥부쟁이 / 어린순 / 나물로 무쳐 먹는다 / 연보라색
풀 / 할미꽃 / 뿌리 / 배가 아플 때 달여 마셨다 / 자주색
풀 / 애기똥풀 / 줄기의 즙 / 옷감을 노랗게 물들이는 데 썼다 / 노란색
풀 / 도라지 / 뿌리 / 기침을 다스리는 약으로 쓴다 / 보라색
나무 / 오리나무 / 껍질 / 그물을 물들이는 데 썼다 / 갈색
나무 / 단풍나무 / 수액 / 이른 봄에 받아 마신다 / 붉은색
나무 / 버드나무 / 가지 / 바구니를 엮는다 / 연두색
나무 / 동백나무 / 씨앗 / 기름을 짜서 머리에 발랐다 / 진홍색
덩굴 / 다래 / 열매 / 술을 담그거나 말려 두고 먹는다 / 흰색
덩굴 / 칡 / 섬유 / 질긴 밧줄을 꼬았다 / 자홍색
버섯 / 송이 / 갓 / 구워서 소금에 찍어 먹는다 / 갈색
고사리 / 고비 / 어린잎 / 삶아 말려 두었다가 제사에 올린다 / 짙은 녹색
""")
# dish / main / second / way / taste / when
DISHES = table("""
국수 / 메밀 / 동치미 / 차가운 국물에 말아 / 시원하고 담백하다 / 한여름
죽 / 들깨 / 감자 / 약한 불에 오래 저어 / 고소하고 부드럽다 / 이른 아침
떡 / 찹쌀 / 팥 / 시루에 쪄서 / 달고 쫄깃하다 / 설날
찌개 / 된장 / 우렁이 / 뚝배기에 보글보글 끓여 / 구수하고 짭짤하다 / 추운 저녁
전 / 녹두 / 고사리 / 뜨거운 철판에 부쳐 / 바삭하고 기름지다 / 비 오는 날
김치 / 갓 / 멸치젓 / 항아리에 담아 석 달을 삭혀 / 알싸하고 깊다 / 김장철
만두 / 두부 / 숙주 / 얇은 껍질로 빚어 / 촉촉하고 순하다 / 그믐밤
엿 / 보리 / 생강 / 가마솥에 하루를 고아 / 달콤하고 매콤하다 / 대보름
묵 / 도토리 / 김 / 굳힌 뒤 채를 썰어 / 쌉쌀하고 부드럽다 / 늦가을
밥 / 연잎 / 은행 / 잎에 싸서 쪄 / 향긋하고 든든하다 / 잔칫날
""")


def _thing(rng: random.Random) -> Words:
    return {
        "look": rng.choice(LOOKS),
        "city": names.city(rng),
        "region": rng.choice(names.REGIONS),
        "year": names.year(rng, 1900),
        "later": names.year(rng, 1980),
        "person": names.person(rng),
        "body": names.body(rng),
        "size": str(rng.randint(2, 95)),
        "count": str(rng.randint(2, 9)),
        "month": str(rng.randint(1, 12)),
    }


def _animal(rng: random.Random) -> Words:
    kind, stem, cover, home, food, habit, young = rng.choice(ANIMALS)
    return _thing(rng) | {
        "kind": kind, "stem": stem, "cover": cover, "home": home, "food": food, "habit": habit,
        "young": young,
    }  # fmt: skip


def _plant(rng: random.Random) -> Words:
    kind, stem, part, use, colour = rng.choice(PLANTS)
    return _thing(rng) | {"kind": kind, "stem": stem, "part": part, "use": use, "colour": colour}


def _dish(rng: random.Random) -> Words:
    dish, main, second, way, taste, when = rng.choice(DISHES)
    return _thing(rng) | {
        "dish": dish, "main": main, "second": second, "way": way, "taste": taste, "when": when,
    }  # fmt: skip


ANIMAL = Domain(
    title="{look}{stem}",
    draw=_animal,
    lead=facts(
        (
            "{look}{stem}은(는) {home}에 사는 {kind}이다.",
            {"home": "{look}{stem}이(가) 사는 곳은?", "kind": "{look}{stem}은(는) 어떤 동물인가?"},
        ),
    ),
    sections={
        "생김새": facts(
            (
                "다 자란 것의 몸길이는 {size}센티미터쯤이다.",
                {"size": "다 자란 {look}{stem}의 몸길이는 몇 센티미터인가?"},
            ),
            "몸을 덮은 {cover}은(는) 철에 따라 빛깔이 달라져 눈에 잘 띄지 않는다.",
            "암컷이 수컷보다 조금 크고, 어린 것은 배 쪽에 옅은 무늬가 있다.",
            "가까운 무리와 닮았으나 눈 위에 흰 줄이 있어 쉽게 알아볼 수 있다.",
        ),
        "생태": facts(
            (
                "주로 {food}을(를) 먹으며, 먹이가 모자라면 밤에도 돌아다닌다.",
                {"food": "{look}{stem}은(는) 주로 무엇을 먹는가?"},
            ),
            "{habit}.",
            (
                "{month}월에 짝을 지어 한 번에 {count}개의 {young}을(를) 낳는다.",
                {"month": "{look}{stem}이(가) 짝을 짓는 달은 몇 월인가?"},
            ),
            "어미는 먹이를 물어 나르고 아비는 둥지 곁을 떠나지 않는다.",
            "천적이 다가오면 죽은 척하거나 물속으로 몸을 숨긴다.",
        ),
        "사람과의 관계": facts(
            (
                "{year}년 {person}이(가) {city}에서 처음 채집하여 학계에 알렸다.",
                {
                    "person": "{look}{stem}을(를) 처음 채집한 사람은 누구인가?",
                    "year": "{look}{stem}이(가) 처음 채집된 해는?",
                },
            ),
            "{region} 사람들은 이 동물이 집에 들어오면 복이 온다고 믿었다.",
            "습지를 메우고 숲을 베면서 수가 크게 줄어 멸종 위기에 놓였다.",
            "{later}년부터 {body}이(가) 알을 거두어 길러 내보내는 일을 하고 있다.",
        ),
    },
)
PLANT = Domain(
    title="{look}{stem}",
    draw=_plant,
    lead=facts(
        (
            "{look}{stem}은(는) {region}의 산과 들에서 자라는 {kind}의 하나이다.",
            {"region": "{look}{stem}은(는) 어느 지방에서 자라는가?"},
        ),
    ),
    sections={
        "특징": facts(
            (
                "키는 {size}센티미터 안팎이며 줄기에 잔털이 촘촘하다.",
                {"size": "{look}{stem}의 키는 몇 센티미터인가?"},
            ),
            "잎은 어긋나고 끝이 뾰족하며 가장자리에 톱니가 있다.",
            "꽃이나 홀씨주머니의 빛깔은 {colour}이라고 옛 도감에 적혀 있다.",
            "{month}월이면 씨가 여물어 바람을 타고 멀리 흩어진다.",
            "그늘지고 축축한 땅을 좋아하지만 가뭄에도 잘 견딘다.",
        ),
        "쓰임": facts(
            (
                "{part}은(는) 예로부터 쓸모가 많았는데, {use}.",
                {"part": "{look}{stem}에서 예로부터 쓸모가 많았던 부분은?"},
            ),
            "{city}에서는 집집이 울타리에 심어 벌레를 막았다.",
            "독이 조금 있으므로 반드시 끓는 물에 데쳐 우려낸 다음 써야 한다.",
            "요즘에는 화장품의 원료로 연구하는 곳도 있다.",
        ),
        "보호와 연구": facts(
            (
                "{year}년 {body}의 {person}이(가) 도감에 처음으로 이름을 올렸다.",
                {"person": "{look}{stem}을(를) 도감에 처음 올린 사람은?"},
            ),
            "마구 캐 가는 사람이 많아 자생지가 {count}곳밖에 남지 않았다.",
            (
                "{later}년에 보호종이 되어 함부로 꺾으면 벌금을 물어야 한다.",
                {"later": "{look}{stem}이(가) 보호종이 된 해는?"},
            ),
            "씨앗은 영하의 창고에 보관되어 있으며 해마다 싹이 트는지 살핀다.",
        ),
    },
)
DISH = Domain(
    title="{city} {main}{dish}",
    draw=_dish,
    lead=facts(
        (
            "{city} {main}{dish}은(는) {main}과(와) {second}을(를) 쓰는 {region}의 음식이다.",
            {"second": "{city} {main}{dish}에 {main}과(와) 함께 들어가는 재료는?"},
        ),
    ),
    sections={
        "만드는 법": facts(
            (
                "먼저 {main}을(를) {count}시간 물에 불려 둔다.",
                {"count": "{main}을(를) 몇 시간 물에 불리는가?"},
            ),
            "손질한 {second}을(를) 넣고 {way} 내는 것이 이 고장의 방식이다.",
            "간은 소금으로만 하고 마지막에 참기름을 한 방울 떨어뜨린다.",
            "불이 세면 눌어붙으므로 나무 주걱으로 쉬지 않고 저어야 한다.",
        ),
        "맛과 먹는 때": facts(
            (
                "맛은 {taste}.",
                {"taste": "{city} {main}{dish}의 맛은 어떠한가?"},
            ),
            "흔히 {when}에 온 식구가 둘러앉아 먹는다.",
            "잘 익은 김치를 곁들이면 입맛이 없을 때도 한 그릇을 비우게 된다.",
            "속이 편하여 아픈 사람이나 아이에게도 먹인다.",
        ),
        "역사": facts(
            (
                "{year}년에 나온 {person}의 요리책에 만드는 법이 자세히 실려 있다.",
                {"person": "{city} {main}{dish}을(를) 다룬 요리책을 쓴 사람은?"},
            ),
            "흉년에 배를 채우려고 먹던 것이 이제는 별미가 되었다.",
            "{later}년 {body}이(가) 통조림으로 만들어 전국에 팔기 시작하였다.",
            "시장 골목에는 삼 대째 이 음식만 파는 가게가 있다.",
        ),
    },
)

DOMAINS = (ANIMAL, PLANT, DISH)
