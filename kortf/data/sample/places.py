"""Articles on places: cities, mountains, rivers, islands, old buildings."""

import random

from kortf.data.sample import names
from kortf.data.sample.domain import Domain, Words, facts, table

PRODUCTS = """사과 배 감귤 미역 소금 인삼 차 모시 한지 옹기 굴비 고추장 곶감 마늘 대나무 버섯 꿀
메밀""".split()
INDUSTRIES = "조선 섬유 제지 반도체 관광 수산 가구 제과 출판 유리".split()
# kind of mountain / what it is made of / what grows / what lives there
MOUNTAINS = table("""
바위산 / 화강암 / 소나무 / 산양
흙산 / 편마암 / 참나무 / 멧돼지
화산 / 현무암 / 구상나무 / 노루
돌산 / 석회암 / 회양목 / 박쥐
숲산 / 사암 / 전나무 / 다람쥐
""")
# building / who built / material / feature
BUILDINGS = table("""
절 / 승려 / 배롱나무 / 삼층 석탑
궁궐 / 임금 / 금강송 / 구름무늬 기와
다리 / 석공 / 화강암 / 다섯 개의 무지개 아치
성문 / 장군 / 검은 벽돌 / 두 겹의 문루
서원 / 선비 / 느티나무 / 넓은 마루
등대 / 기술자 / 흰 콘크리트 / 열두 면 거울
정자 / 시인 / 밤나무 / 육각 지붕
종탑 / 신부 / 붉은 벽돌 / 청동 종
""")
WEATHER = table("""
여름은 덥고 비가 많으며 겨울은 짧고 따뜻하다
겨울이 길고 눈이 많아 사월에도 산마루가 희다
바닷바람이 강하여 나무들이 한쪽으로 기울어 자란다
안개가 자주 끼어 한 해의 석 달은 해를 보기 어렵다
낮과 밤의 기온 차가 커서 과일 맛이 좋다
비가 적어 예로부터 저수지를 많이 팠다
""")


def _place(rng: random.Random) -> Words:
    built = rng.randint(1100, 1890)
    stem = rng.choice(names.PLACES)
    return {
        "stem": stem,
        "city": names.city(rng),
        "other": names.city(rng),
        "region": rng.choice(names.REGIONS),
        "side": rng.choice(names.DIRECTIONS),
        "built": str(built),
        "burnt": str(built + rng.randint(20, 120)),
        "year": names.year(rng, 1900),
        "opened": names.year(rng, 1950),
        "people": f"{rng.randint(2, 90)}만",
        "area": str(rng.randint(20, 900)),
        "height": str(rng.randint(300, 1900)),
        "length": str(rng.randint(18, 500)),
        "product": rng.choice(PRODUCTS),
        "second": rng.choice(PRODUCTS),
        "industry": rng.choice(INDUSTRIES),
        "weather": rng.choice(WEATHER)[0],
        "person": names.person(rng),
        "count": str(rng.randint(3, 60)),
    }


def _mountain(rng: random.Random) -> Words:
    kind, rock, tree, animal = rng.choice(MOUNTAINS)
    return _place(rng) | {"kind": kind, "rock": rock, "tree": tree, "animal": animal}


def _building(rng: random.Random) -> Words:
    kind, builder, material, feature = rng.choice(BUILDINGS)
    return _place(rng) | {
        "kind": kind, "builder": builder, "material": material, "feature": feature,
    }  # fmt: skip


TRAVEL = facts(
    "{city} 버스 터미널에서 하루 {count}번 다니는 버스를 타면 한 시간쯤 걸린다.",
    "가을이면 단풍을 보러 오는 나들이객으로 길이 막히기도 한다.",
    (
        "{opened}년 철도가 놓이면서 {other}까지 두 시간이면 갈 수 있게 되었다.",
        {"opened": "{other}까지 가는 철도가 놓인 해는?"},
    ),
    "근처에는 {product}을(를) 파는 오일장이 서고, {second}(으)로 만든 과자가 선물로 인기 있다.",
    "안내소에서는 지도를 나누어 주고 길잡이와 함께 걷는 프로그램을 운영한다.",
    "걷기 좋은 오솔길이 이어져 있어 아이들과 노인도 어렵지 않게 둘러볼 수 있다.",
)

CITY = Domain(
    title="{city}",
    draw=_place,
    lead=facts(
        (
            "{city}은(는) {region}의 {side}에 있는 고장이다.",
            {"region": "{city}은(는) 어느 지방에 있는가?"},
        ),
        "{city}은(는) {product}과(와) {industry} 산업으로 알려진 {region}의 도시이다.",
    ),
    sections={
        "지리": facts(
            (
                "넓이는 {area}제곱킬로미터이고 인구는 {people} 명가량이다.",
                {"people": "{city}의 인구는 얼마나 되는가?"},
            ),
            "{side}(으)로는 {other}과(와) 맞닿아 있고 나머지는 낮은 언덕으로 둘러싸여 있다.",
            "기후를 보면 {weather}.",
            "시내 한복판을 {stem}강이 흐르며, 강둑을 따라 벚나무가 늘어서 있다.",
        ),
        "역사": facts(
            (
                "{built}년에 처음으로 성을 쌓았다는 기록이 남아 있다.",
                {"built": "{city}에 처음 성을 쌓은 해는?"},
            ),
            "{burnt}년의 큰불로 옛 시가지가 대부분 타 버렸으나 십 년 만에 다시 일어섰다.",
            "{year}년에 이웃한 두 마을을 합쳐 지금의 이름을 얻었다.",
            "옛날에는 나라의 곡식을 모아 두는 창고가 있어 뱃사람들로 붐볐다.",
        ),
        "경제": facts(
            (
                "특산물은 {product}이며 해마다 시월에 이를 기리는 잔치가 열린다.",
                {"product": "{city}의 특산물은 무엇인가?"},
            ),
            "{year}년 {industry} 공장이 들어선 뒤로 젊은 인구가 크게 늘었다.",
            "전통 시장에는 점포 {count}곳이 있으며 새벽마다 {second} 경매가 이루어진다.",
            "최근에는 빈집을 고쳐 작은 책방과 찻집을 여는 사람이 많아졌다.",
        ),
        "교통": TRAVEL,
    },
)
MOUNTAIN = Domain(
    title="{stem}산",
    draw=_mountain,
    lead=facts(
        (
            "{stem}산은 {city}과(와) {other}에 걸쳐 있는 높이 {height}미터의 {kind}이다.",
            {"height": "{stem}산의 높이는 몇 미터인가?", "kind": "{stem}산은 어떤 산인가?"},
        ),
    ),
    sections={
        "자연": facts(
            (
                "산은 대부분 {rock}(으)로 이루어져 있고 골짜기가 깊다.",
                {"rock": "{stem}산을 이루는 암석은?"},
            ),
            "산허리에는 {tree} 숲이 우거져 있으며 그 아래에 {animal}이(가) 산다.",
            "봄에는 진달래가, 여름에는 원추리가 능선을 뒤덮는다.",
            "날씨를 보면 {weather}.",
            "꼭대기에서는 맑은 날 멀리 {region} 앞바다까지 보인다.",
        ),
        "이름과 전설": facts(
            "옛 책에는 {other} 사람들이 이 산을 어머니처럼 여겼다고 적혀 있다.",
            "하늘에서 내려온 {animal}이(가) 길 잃은 나무꾼을 집까지 데려다주었다고 전한다.",
            (
                "{built}년 {person}이(가) 지은 여행기에 지금의 이름이 처음 나온다.",
                {"person": "{stem}산의 이름이 처음 나오는 여행기를 지은 사람은?"},
            ),
            "가뭄이 들면 마을 사람들이 꼭대기에 올라 북을 치며 비를 빌었다.",
        ),
        "등산": TRAVEL,
    },
)
RIVER = Domain(
    title="{stem}강",
    draw=_place,
    lead=facts(
        (
            "{stem}강은 {city}에서 시작하여 {other}을(를) 지나 바다로 들어가는 강이다.",
            {"city": "{stem}강이 시작되는 곳은?", "other": "{stem}강이 지나는 곳은?"},
        ),
    ),
    sections={
        "흐름": facts(
            (
                "길이는 {length}킬로미터로 {region}에서 가장 길다.",
                {"length": "{stem}강의 길이는 몇 킬로미터인가?"},
            ),
            "상류는 물살이 빠르고 바위가 많으나 하류에는 넓은 갈대밭이 펼쳐진다.",
            "봄 가뭄 때에는 강바닥이 드러나고 장마철에는 둑이 넘칠 만큼 물이 분다.",
            "강어귀에는 해마다 겨울 철새 수만 마리가 날아와 쉬어 간다.",
        ),
        "이용": facts(
            (
                "{year}년에 완공된 댐은 {other}에 전기와 물을 대고 있다.",
                {"year": "{stem}강의 댐이 완공된 해는?"},
            ),
            "예전에는 {product}을(를) 실은 나룻배가 오갔으나 다리가 놓이면서 사라졌다.",
            "강가의 기름진 들에서는 {second} 농사를 많이 짓는다.",
            "오염이 심해지자 주민들이 나서서 물길을 되살리는 운동을 벌였다.",
        ),
        "둘러보기": TRAVEL,
    },
)
BUILDING = Domain(
    title="{stem} {kind}",
    draw=_building,
    lead=facts(
        (
            "{stem} {kind}은(는) {city} {side} 언덕에 있는 옛 {kind}이다.",
            {"city": "{stem} {kind}이(가) 있는 곳은?"},
        ),
    ),
    sections={
        "내력": facts(
            (
                "{built}년 {builder} {person}이(가) 여섯 해에 걸쳐 지었다고 전한다.",
                {
                    "built": "{stem} {kind}이(가) 지어진 해는?",
                    "person": "{stem} {kind}을(를) 지은 사람은 누구인가?",
                },
            ),
            "{burnt}년 벼락을 맞아 불탄 것을 이듬해 다시 세웠다.",
            "전쟁 때에는 부상병을 돌보는 병원으로 쓰이기도 하였다.",
            (
                "{year}년 국가 유산으로 지정되어 보호를 받고 있다.",
                {"year": "{stem} {kind}이(가) 국가 유산으로 지정된 해는?"},
            ),
        ),
        "구조": facts(
            (
                "기둥과 들보에는 {material}을(를) 썼고 못을 하나도 박지 않았다.",
                {"material": "{stem} {kind}의 기둥에 쓴 재료는?"},
            ),
            "가장 눈에 띄는 것은 {feature}인데, 비슷한 예를 다른 곳에서는 찾기 어렵다.",
            "벽에는 구름 위를 나는 학과 연꽃이 그려져 있으나 빛이 많이 바랬다.",
            "바닥에는 {count}장의 넓적한 돌을 깔아 비가 와도 발이 젖지 않는다.",
        ),
        "관람": TRAVEL,
    },
)

DOMAINS = (CITY, MOUNTAIN, RIVER, BUILDING)
