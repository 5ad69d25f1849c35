"""Names of the imaginary country that the sample tells of: people, places, bodies, dates."""

import random

SURNAMES = "김 이 박 최 정 강 조 윤 장 임 한 오 서 신 권 황 안 송 류 홍 남궁".split()
GIVEN = """가람 나래 다온 도담 두리 라온 마루 미르 바름 보람 빛나 사랑 새롬 서린 소담 솔아
수련 슬기 아라 아름 여울 예솔 온유 우람 은결 은솔 이든 잔디 재원 정안 준서 지온 찬솔 초롱 태림
하람 하늬 한결 한별 해든 해솔 현서 혜윰 효린""".split()
PLACES = """가온 나루 누리 다솜 달빛 도래 들꽃 라온 마루 모래 미리내 바람 버들 벼리 별내 보늬
산들 새벽 새터 서리 소나 솔빛 시내 아사 안개 여울 온새 옥구슬 우듬 윤슬 은하 이슬 자작 잔물
진달 초록 토담 푸른 하늬 한뜻 한울 햇살 흰돌""".split()
CITY_KINDS = "시 시 군 읍 항 골 포".split()
REGIONS = "북누리 남누리 동가람 서가람 큰섬 안뜰 바깥뜰 높은땅".split()
DIRECTIONS = "동쪽 서쪽 남쪽 북쪽 한가운데 북동쪽 남서쪽".split()
SCHOOL_KINDS = "대학교 고등학교 전문학교 예술학교".split()
BODY_KINDS = """연구소 박물관 학회 협회 재단 방송 신문사 은행 병원 도서관 제과 출판사 식품 전자
조선소""".split()


def person(rng: random.Random) -> str:
    """A person's name: `한가람`."""
    return rng.choice(SURNAMES) + rng.choice(GIVEN)


def city(rng: random.Random) -> str:
    """A city, county or port: `솔빛시`."""
    return rng.choice(PLACES) + rng.choice(CITY_KINDS)


def school(rng: random.Random) -> str:
    """A school: `윤슬대학교`."""
    return rng.choice(PLACES) + rng.choice(SCHOOL_KINDS)


def body(rng: random.Random) -> str:
    """A company, museum or society: `한울박물관`."""
    return rng.choice(PLACES) + rng.choice(BODY_KINDS)


def year(rng: random.Random, first: int = 1880, last: int = 2020) -> str:
    """A year, without 년."""
    return str(rng.randint(first, last))


def month_day(rng: random.Random) -> str:
    """A day of the year: `5월 17일`."""
    return f"{rng.randint(1, 12)}월 {rng.randint(1, 28)}일"
