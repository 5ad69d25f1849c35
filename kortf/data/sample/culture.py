"""Articles on what people make and do: festivals, bodies, events, inventions, books, games."""

import random

from kortf.data.sample import names
from kortf.data.sample.domain import Domain, Words, facts, table

# name / what is celebrated / main event / what is eaten / what is worn or carried
FESTIVALS = table("""
등불 축제 / 풍년 / 강물에 종이 등을 띄우는 놀이 / 호박엿 / 색동저고리
연날리기 대회 / 새해 / 연줄을 끊는 겨루기 / 떡국 / 방패연
소금 축제 / 첫 소금 거두기 / 소금 수레 밀기 / 굴밥 / 밀짚모자
탈춤 마당 / 단오 / 양반을 놀리는 탈춤 / 수리취떡 / 나무 탈
책 잔치 / 독서의 달 / 밤샘 낭독회 / 따뜻한 유자차 / 손수 만든 공책
얼음 축제 / 한겨울 / 얼음낚시 / 군고구마 / 털장갑
바람개비 잔치 / 어린이날 / 바람개비 달리기 / 솜사탕 / 종이 바람개비
나물 잔치 / 봄 / 산나물 캐기 / 비빔밥 / 대바구니
""")
# thing / what it does / material / source of power / what came before
INVENTIONS = table("""
물시계 / 시간을 재는 / 구리 항아리 / 흐르는 물 / 해시계
증기 방아 / 곡식을 찧는 / 무쇠 / 증기 / 디딜방아
접이식 우산 / 비를 막는 / 대나무와 기름종이 / 사람의 손 / 도롱이
태엽 축음기 / 소리를 들려주는 / 놋쇠 나팔 / 태엽 / 악사의 연주
자동 베틀 / 베를 짜는 / 박달나무 / 수차 / 손베틀
점자 인쇄기 / 손끝으로 읽는 책을 찍는 / 강철 / 페달 / 송곳과 점판
난방 의자 / 몸을 덥히는 / 구운 돌 / 숯불 / 화로
전기 등대 / 뱃길을 밝히는 / 유리 거울 / 전기 / 봉화
자전거 수레 / 짐을 나르는 / 알루미늄 / 두 다리 / 지게
우편 분류기 / 편지를 가르는 / 고무 벨트 / 전동기 / 우체부의 눈
""")
# kind / verb stem of its making / parts / hero / place / theme
STORIES = table("""
장편 소설 / 쪽 / 탐정 / 폐쇄된 기차역 / 믿음과 배신
동화 / 쪽 / 꼬마 여우 / 눈 덮인 숲 / 우정
희곡 / 쪽 / 늙은 배우 / 무너져 가는 극장 / 지나간 영광
역사 소설 / 쪽 / 여자 장수 / 국경의 성 / 나라와 가족
과학 소설 / 쪽 / 우주 정비사 / 화성의 온실 / 외로움
영화 / 분 / 젊은 의사 / 외딴섬의 진료소 / 용서
만화 영화 / 분 / 로봇 강아지 / 미래의 도시 / 기억
기록 영화 / 분 / 해녀들 / 남쪽 바다 / 늙음과 바다
연속극 / 분 / 세 자매 / 오래된 여관 / 꿈과 현실
""")
# kind / business / product / beginning
BODIES = table("""
출판사 / 책을 펴내는 / 어린이 백과사전 / 작은 인쇄소
방송국 / 라디오 방송을 하는 / 한밤의 음악 편지 / 다락방의 송신기
자동차 회사 / 전기 버스를 만드는 / 느림보 버스 / 철공소
제과점 / 과자를 굽는 / 호두 양갱 / 시장 안 노점
축구단 / 프로 경기에 나가는 / 축구 교실 / 동네 조기 축구회
극단 / 연극을 올리는 / 그림자 인형극 / 대학 동아리
조선소 / 고깃배를 짓는 / 쇄빙선 / 나루터의 배목수 집
연구소 / 지진을 살피는 / 지진 알림 단추 / 산속의 관측소
악단 / 옛 음악을 연주하는 / 여름밤 음악회 / 군악대
협동조합 / 농산물을 나누는 / 못난이 과일 꾸러미 / 마을 회관의 계 모임
""")


def _thing(rng: random.Random) -> Words:
    first = rng.randint(1890, 1990)
    return {
        "stem": rng.choice(names.PLACES),
        "city": names.city(rng),
        "other": names.city(rng),
        "region": rng.choice(names.REGIONS),
        "school": names.school(rng),
        "first": str(first),
        "second": str(first + rng.randint(2, 12)),
        "third": str(first + rng.randint(13, 30)),
        "date": names.month_day(rng),
        "person": names.person(rng),
        "friend": names.person(rng),
        "count": str(rng.randint(3, 70)),
        "crowd": f"{rng.randint(2, 9)}천",
    }


def _drawn(rows: list[tuple[str, ...]], *columns: str):
    def draw(rng: random.Random) -> Words:
        return _thing(rng) | dict(zip(columns, rng.choice(rows), strict=True))

    return draw


FESTIVAL = Domain(
    title="{city} {festival}",
    draw=_drawn(FESTIVALS, "festival", "reason", "event", "food", "dress"),
    lead=facts(
        (
            "{city} {festival}은(는) 해마다 {date}에 {region} {city}에서 열리는 행사이다.",
            {"date": "{city} {festival}이(가) 열리는 날은?"},
        ),
    ),
    sections={
        "유래": facts(
            "{reason}을(를) 기리던 마을 굿에서 비롯되었다고 한다.",
            (
                "{first}년 이장 {person}이(가) 이웃 마을 사람들을 불러 모은 것이 첫 회였다.",
                {
                    "person": "{city} {festival}을(를) 처음 연 이장은 누구인가?",
                    "first": "{city} {festival}이(가) 처음 열린 해는?",
                },
            ),
            "전쟁으로 한동안 끊겼다가 {third}년에 다시 열렸다.",
            "처음에는 사흘이었으나 찾는 이가 늘면서 열흘로 길어졌다.",
        ),
        "행사": facts(
            (
                "가장 큰 볼거리는 마지막 날 저녁에 벌어지는 {event}이다.",
                {"event": "{city} {festival}의 가장 큰 볼거리는?"},
            ),
            "사람들은 저마다 {dress}을(를) 갖추고 거리를 누비며 노래를 부른다.",
            "골목마다 {food}을(를) 나누어 먹는 천막이 늘어선다.",
            "으뜸으로 뽑힌 사람은 황소 한 마리를 상으로 받아 마을 사람들과 나눈다.",
        ),
        "오늘날": facts(
            "최근에는 외국에서 온 손님까지 더해 하루 {crowd} 명이 다녀간다.",
            "쓰레기를 줄이려고 일회용 그릇을 쓰지 않기로 하였다.",
            "{school} 학생들이 길 안내와 통역을 맡아 자원봉사를 한다.",
        ),
    },
)
INVENTION = Domain(
    title="{stem} {thing}",
    draw=_drawn(INVENTIONS, "thing", "use", "material", "power", "before"),
    lead=facts(
        (
            "{stem} {thing}은(는) {first}년 {person}이(가) 발명한 {use} 기계이다.",
            {
                "person": "{stem} {thing}을(를) 발명한 사람은 누구인가?",
                "first": "{stem} {thing}이(가) 발명된 해는?",
            },
        ),
    ),
    sections={
        "원리": facts(
            (
                "{power}의 힘으로 움직이며, 톱니바퀴 {count}개가 차례로 맞물려 돈다.",
                {"power": "{stem} {thing}은(는) 무엇의 힘으로 움직이는가?"},
            ),
            "몸통은 {material}(으)로 만들어 가볍고 튼튼하다.",
            "고장이 나면 스스로 멈추는 장치가 달려 있어 다칠 걱정이 적다.",
            "손잡이를 반대로 돌리면 속도가 절반으로 줄어든다.",
        ),
        "만들어진 과정": facts(
            "그때까지 사람들은 {before}에 기대어 일을 하였다.",
            "{person}은(는) 늙은 어머니의 일손을 덜어 드리려고 궁리를 시작하였다.",
            (
                "{second}년 {city} 박람회에 나와 금상을 받았다.",
                {"city": "{stem} {thing}이(가) 금상을 받은 박람회가 열린 곳은?"},
            ),
            "{friend}은(는) 자기가 먼저 생각해 냈다고 주장하여 소송을 냈으나 졌다.",
        ),
        "영향": facts(
            "이 기계 덕분에 열 사람이 하던 일을 한 사람이 하게 되었다.",
            "일자리를 잃은 사람들이 공장 앞에 모여 항의하는 일도 있었다.",
            (
                "실물은 {other} 과학관에 전시되어 있으며 지금도 움직인다.",
                {"other": "{stem} {thing}의 실물이 전시된 과학관은 어느 도시에 있는가?"},
            ),
            "{third}년에 더 작고 조용한 후속 제품이 나왔다.",
        ),
    },
)
STORY = Domain(
    title="{stem}의 {night}",
    draw=lambda rng: (
        _drawn(STORIES, "kind", "unit", "hero", "place", "theme")(rng)
        | {"night": rng.choice("밤 노래 그늘 약속 문 아침 그림자 편지 계단 창문".split())}
    ),
    lead=facts(
        (
            "《{stem}의 {night}》은(는) {person}이(가) {first}년에 내놓은 {kind}이다.",
            {
                "person": "《{stem}의 {night}》을(를) 만든 사람은 누구인가?",
                "kind": "《{stem}의 {night}》의 갈래는 무엇인가?",
            },
        ),
    ),
    sections={
        "줄거리": facts(
            (
                "{place}에 이른 {hero}이(가) 낯선 편지 한 통을 받으면서 이야기가 시작된다.",
                {"place": "《{stem}의 {night}》의 무대는 어디인가?"},
            ),
            "편지를 보낸 이를 찾는 동안 잊고 있던 어린 시절의 비밀이 하나씩 드러난다.",
            "모든 사람이 범인이라 믿었던 {friend}은(는) 사실 주인공을 지켜 주고 있었다.",
            "마지막 장면에서 주인공은 문을 열어 둔 채 길을 떠난다.",
        ),
        "제작": facts(
            (
                "작가는 {city}에서 {count}일 동안 머물며 초고를 완성하였다.",
                {"city": "《{stem}의 {night}》의 초고가 완성된 곳은?"},
            ),
            "분량은 모두 {count}{unit}밖에 되지 않지만 고치는 데 다섯 해가 걸렸다.",
            "처음 제목은 달랐으나 {friend}의 권유로 지금처럼 바꾸었다.",
            "돈이 모자라 가까운 벗들이 조금씩 보태어 겨우 세상에 나왔다.",
        ),
        "평가": facts(
            "{theme}(이)라는 무거운 주제를 가볍고 따뜻하게 풀어냈다는 칭찬을 받았다.",
            "한편으로는 우연이 너무 많고 결말이 흐릿하다는 비판도 있다.",
            (
                "{second}년 {region} 문화상을 받았다.",
                {"second": "《{stem}의 {night}》이(가) 문화상을 받은 해는?"},
            ),
            "{third}년에는 무대 위의 노래극으로 다시 만들어져 {crowd} 명이 보았다.",
        ),
    },
)
BODY = Domain(
    title="{stem} {kind}",
    draw=_drawn(BODIES, "kind", "business", "product", "beginning"),
    lead=facts(
        (
            "{stem} {kind}은(는) {city}에 본부를 두고 {business} 단체이다.",
            {"city": "{stem} {kind}의 본부는 어디에 있는가?"},
        ),
    ),
    sections={
        "연혁": facts(
            (
                "{first}년 {date} {person}이(가) {beginning}에서 문을 열었다.",
                {
                    "person": "{stem} {kind}을(를) 세운 사람은 누구인가?",
                    "beginning": "{stem} {kind}은(는) 어디에서 시작되었는가?",
                },
            ),
            "{second}년 큰 빚을 져 문을 닫을 뻔하였으나 직원들이 월급을 미루며 버텼다.",
            (
                "{third}년에는 {other}에 둘째 사무실을 냈다.",
                {"other": "{stem} {kind}의 둘째 사무실이 있는 곳은?"},
            ),
            "지금은 {friend}이(가) 대표를 맡고 있으며 직원은 {count}명이다.",
        ),
        "하는 일": facts(
            (
                "가장 잘 알려진 것은 {product}이다.",
                {"product": "{stem} {kind}의 것으로 가장 잘 알려진 것은?"},
            ),
            "해마다 수익의 십분의 일을 떼어 마을 도서관에 보낸다.",
            "{school}과(와) 함께 젊은이를 위한 강좌를 열고 있다.",
            "주말에는 누구나 들어와 구경할 수 있도록 일터를 열어 둔다.",
        ),
        "평판": facts(
            "손님의 불평을 벽에 모두 붙여 두는 것으로 이름이 나 있다.",
            "정직하다는 평이 많지만 일 처리가 느리다는 지적도 받는다.",
            "일하기 좋은 곳을 묻는 조사에서 {region} 첫째로 꼽혔다.",
        ),
    },
)

DOMAINS = (FESTIVAL, INVENTION, STORY, BODY)
