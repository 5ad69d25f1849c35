"""Sentences with named entities, in KLUE-NER's format: a tag for each character."""

import random

from kortf.data.sample import names
from kortf.data.sample.template import Rendered, render

# A slot's name up to the digit is its tag: person, place, organisation, date, time, quantity.
TEMPLATES = """
{PS1}은(는) {DT1} {LC1}에서 태어나 {OG1}을(를) 졸업했다.
{OG1}은(는) {DT1} {LC1}에 새 사무실을 연다고 밝혔다.
{PS1} 감독의 새 영화가 {DT1} {TI1} {LC1}에서 처음으로 상영된다.
{LC1}의 한 창고에서 {TI1}쯤 불이 나 {QT1}이(가) 다쳤다.
경찰은 {DT1} {PS1}씨({QT3})를 불러 조사했다.
{OG1}이(가) {OG2}을(를) {QT2} 차이로 꺾고 결승에 올랐다.
{PS1}과(와) {PS2}은(는) {OG1}에서 함께 일하는 사이다.
이번 행사에는 {QT1}이(가) 모였고 {PS1}이(가) 축하 인사를 했다.
{LC1}에서 {LC2}까지는 버스로 {TI2}이(가) 걸린다.
솔직히 {PS1} 연기는 좋았는데 이야기가 너무 늘어진다 ㅠㅠ
{DT1}에 본 {PS1} 공연 진짜 최고였음 ㅋㅋ
{OG1} 관계자는 "{DT1}까지 {QT4}을(를) 들여 고치겠다"고 말했다.
{PS1} 교수는 {OG1}에서 {QT4}을(를) 지원받아 연구하고 있다.
{LC1} 시장 {PS1}은(는) {DT1} 물러나겠다는 뜻을 내비쳤다.
비는 {DT1} {TI1}부터 {LC1}을(를) 시작으로 차차 그치겠다.
{OG1}의 주가는 하루 만에 {QT5} 올랐다.
어제는 아무 데도 가지 않고 집에서 책만 읽었다.
생각보다 배우들 연기가 어색해서 보다가 껐다.
{PS1}의 첫 책은 {DT1} {OG1}에서 나와 {QT6}이(가) 팔렸다.
{LC1} 앞바다에서 잡힌 방어는 무게가 {QT7}이나 나갔다.
"""
TEMPLATES = TEMPLATES.strip().split("\n")
SOURCES = ("wikitree", "nsmc", "airbnb")
HEADER = """## 토큰, 레이블 구분자 : \\t
## 토큰 구분자 : \\n
## 문장 구분자 : \\n\\n
## 주석 : ##
## 컬럼명 : CHAR\tNE_TAG
"""


def sentences(rng: random.Random, count: int) -> list[Rendered]:
    """Different sentences; the spans' names begin with the tag of the entity: `PS1`."""
    drawn: dict[str, Rendered] = {}
    while len(drawn) < count:
        sentence = render(rng.choice(TEMPLATES), _words(rng))
        drawn.setdefault(sentence.text, sentence)
    return list(drawn.values())


def klue(rows: list[Rendered], split: str) -> str:
    """Sentences as KLUE-NER's files hold them.

    Example:
        The row of `render("{PS1}은(는) 갔다", {"PS1": "한별"})` is the line
        `## klue-ner-v1_dev_00000-wikitree\\t<한별:PS>은 갔다` and then `한\\tB-PS`, `별\\tI-PS`,
        `은\\tO`, ` \\tO`, `갔\\tO`, `다\\tO` and an empty line.
    """
    blocks = []
    for number, row in enumerate(rows):
        marked, tags, at = "", ["O"] * len(row.text), 0
        for slot, start, end in row.spans:
            tag = slot[:2]
            marked += f"{row.text[at:start]}<{row.text[start:end]}:{tag}>"
            tags[start:end] = [f"B-{tag}"] + [f"I-{tag}"] * (end - start - 1)
            at = end
        source = SOURCES[number % len(SOURCES)]
        head = f"## klue-ner-v1_{split}_{number:05d}-{source}\t{marked}{row.text[at:]}"
        lines = [f"{character}\t{tag}" for character, tag in zip(row.text, tags, strict=True)]
        blocks.append("\n".join([head, *lines, ""]))
    return HEADER + "\n".join(blocks)


def _words(rng: random.Random) -> dict[str, str]:
    half = rng.choice(["오전", "오후"])
    return {
        "PS1": names.person(rng),
        "PS2": names.person(rng),
        "LC1": rng.choice([names.city(rng), rng.choice(names.REGIONS), rng.choice(names.PLACES)]),
        "LC2": names.city(rng),
        "OG1": rng.choice([names.school(rng), names.body(rng)]),
        "OG2": names.body(rng),
        "DT1": rng.choice(
            [names.month_day(rng), f"{names.year(rng)}년", "지난 주말", "다음 달", "작년 봄"]
        ),
        "TI1": rng.choice([f"{half} {rng.randint(1, 12)}시", "새벽", f"밤 {rng.randint(8, 11)}시"]),
        "TI2": rng.choice([f"{rng.randint(2, 6)}시간", f"{rng.randint(15, 55)}분"]),
        "QT1": rng.choice([f"{rng.randint(2, 900)}명", "두 사람", "세 명"]),
        "QT2": rng.choice([f"{rng.randint(2, 30)}점", "한 점"]),
        "QT3": str(rng.randint(19, 80)),
        "QT4": rng.choice([f"{rng.randint(2, 90)}억 원", f"{rng.randint(100, 900)}만 원"]),
        "QT5": f"{rng.randint(2, 29)}%",
        "QT6": rng.choice([f"{rng.randint(2, 90)}만 부", "백 권"]),
        "QT7": f"{rng.randint(2, 20)}킬로그램",
    }
