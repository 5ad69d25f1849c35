"""Film reviews with labels, in NSMC's format.

A model that counts good and bad words gets most of them right, but not all: praise can be denied,
a complaint can be taken back, an expectation can be the opposite of the verdict.
"""

import random
from collections.abc import Iterable

from kortf.data.sample import names
from kortf.data.sample.particles import BIEUP, NO_FINAL, RIEUL, final_sound
from kortf.data.sample.template import render

GOOD, BAD = 1, 0

ASPECTS = """연기 연출 음악 결말 대사 화면 줄거리 배우 반전 영상미 노래 각본 액션 분위기
주인공 조연 편집 초반 후반 감독 색감 자막 더빙 설정 캐릭터 전개 특수효과 마무리 첫장면""".split()
FILMS = "이 영화/이 작품/이번 편/2편/원작/이 만화 영화/이 다큐/이 감독 영화".split("/")
WATCHERS = "혼자 엄마랑 친구들이랑 남편과 아들하고 극장에서 밤에 비행기에서 티비로".split()

# Verdicts on an aspect: the stem, which endings are put to, and how a sentence ends on it.
PRAISE = """훌륭하 훌륭하다|좋 좋아요|멋지 멋지네요|아름답 아름답다|뛰어나 뛰어나다
완벽하 완벽했다|감동적이 감동적이다|재미있 재미있네|신선하 신선했어요|탄탄하 탄탄합니다
따뜻하 따뜻하다|인상적이 인상적이었다|놀랍 놀라웠다|자연스럽 자연스러워요|매력 있 매력 있다
통쾌하 통쾌했음|사랑스럽 사랑스럽다|섬세하 섬세하네요"""
BLAME = """지루하 지루하다|최악이 최악이에요|어색하 어색하네요|유치하 유치했다|형편없 형편없다
뻔하 뻔하다|억지스럽 억지스러웠다|산만하 산만해요|답답하 답답하네|허술하 허술합니다
시끄럽 시끄럽다|밋밋하 밋밋했다|실망스럽 실망스러웠다|엉성하 엉성하네요|불쾌하 불쾌했음
진부하 진부하다|촌스럽 촌스러워요|허무하 허무하네요"""


def _verdicts(text: str) -> list[tuple[str, str]]:
    """Stem and sentence end of each entry; an entry parts in the middle: `매력 있 매력 있다`."""
    entries = (entry.split() for entry in text.replace("\n", "|").split("|"))
    halves = ((words, len(words) // 2) for words in entries)
    return [(" ".join(words[:n]), " ".join(words[n:])) for words, n in halves]


VERDICTS = {GOOD: _verdicts(PRAISE), BAD: _verdicts(BLAME)}

WHOLE = {
    GOOD: """시간 가는 줄 모르고 봤다|두 번 봐도 또 보고 싶다|꼭 보세요 추천합니다
오랜만에 펑펑 울었다|내 인생 영화|강추|올해 본 것 중 최고|끝나고 자리에서 일어날 수가 없었다
온 가족이 함께 보기 딱이다|십 점 만점에 십 점|역시 믿고 보는 감독|웃다가 울다가 나왔네
오래 기억에 남을 것 같다|극장에서 본 보람이 있다|배꼽 빠지는 줄|여운이 길게 남는다
아이가 너무 좋아했어요|기립 박수를 보낸다|소장하고 싶은 작품|눈물이 멈추지 않는다
가슴이 먹먹해진다|또 보러 갈 거다""",
    BAD: """보다가 잠들었다|돈 아깝다|시간 버렸다|중간에 나왔다|이걸 왜 만들었는지 모르겠다
절대 보지 마세요|평점 알바 많네|두 시간이 아까워 죽겠다|내용이 하나도 없다|감독은 반성해라
끝까지 본 내가 대단하다|하품만 나온다|다시는 안 본다|예고편이 전부였다|뭘 말하려는지 모르겠다
환불해 주세요|최악이다|쓰레기|배우들이 불쌍하다|만들다 만 것 같다|완전 별로|낚였다
보고 나서 화가 났다""",
}
WHOLE = {label: text.replace("\n", "|").split("|") for label, text in WHOLE.items()}

# {g}, {b}: the stem of a good and of a bad verdict; {G}, {B}: their sentence ends; {w}: on the
# whole; {x}, {y}: aspects.
TEMPLATES = {
    GOOD: """{x}이(가) {G}|{x}도 {g}고 {y}도 {G}|{film} {w}|{w}
{x}은(는) {b}지만 {y}이(가) 워낙 {G}|{x}이(가) {b}다는 사람도 있던데 나는 {w}
전혀 {b}지 않고 {x}도 {G}|{b}지 않아서 좋았다 {w}|{who} 봤는데 {w}
{b}ㄹ 줄 알았는데 생각보다 {G}|기대 안 했는데 {x} 때문에 {w}|{name} {x} 정말 {G} {w}
{x} {G} {y} {G}|평점이 왜 이렇게 낮지? {x}만 봐도 {w}|{film} {b}다고 한 사람 누구냐 {w}
{who} 봤는데 {x}이(가) {G}|"{w}" 이 한마디면 충분하다|{name}의 "{x}" 하나로 {w}
{x}이(가) 조금 {b}어도 {w}""",
    BAD: """{x}이(가) {B}|{x}도 {b}고 {y}도 {B}|{film} {w}|{w}
{x}은(는) {g}지만 {y}이(가) 너무 {B}|{x}이(가) {g}다는 사람도 있던데 나는 {w}
하나도 {g}지 않고 {x}도 {B}|{g}지 않아서 실망했다 {w}|{who} 봤는데 {w}
{g}ㄹ 줄 알았는데 생각보다 {B}|기대했는데 {x} 때문에 {w}|{name} {x} 정말 {B} {w}
{x} {B} {y} {B}|평점이 왜 이렇게 높지? {x}만 봐도 {w}|{film} {g}다고 한 사람 누구냐 {w}
{who} 봤는데 {x}이(가) {B}|"{w}" 이 한마디면 충분하다|{name}의 "{x}" 하나로 {w}
{x}이(가) 아무리 {g}어도 {w}""",
}
TEMPLATES = {label: text.replace("\n", "|").split("|") for label, text in TEMPLATES.items()}

STARTS = [*[""] * 5, *"진짜 |와 |아 |솔직히 |ㅋㅋ |음... |헐 ".split("|")]
ENDS = [*[""] * 6, *".|..|!|!!|~| ㅋㅋ| ㅠㅠ| ㅎㅎ|ㅋㅋㅋㅋ|ㅜㅜ|....".split("|")]
MOODS = {GOOD: ["^^", " 굿", " ♥", " ㅎㅎ 최고"], BAD: [";;", " ㅡㅡ", " 에휴", " ㅉㅉ"]}
HASTE = 0.12  # of the reviews are typed without any space


def review(rng: random.Random, label: int) -> str:
    """One review of the label given, as its writer typed it."""
    good, bad = rng.choice(VERDICTS[GOOD]), rng.choice(VERDICTS[BAD])
    x, y = rng.sample(ASPECTS, 2)
    template = _inflect(rng.choice(TEMPLATES[label]), good[0], bad[0])
    words = {
        "x": x,
        "y": y,
        "G": good[1],
        "B": bad[1],
        "w": rng.choice(WHOLE[label]),
        "film": rng.choice(FILMS),
        "who": rng.choice(WATCHERS),
        "name": names.person(rng),
    }
    text = rng.choice(STARTS) + render(template, words).text + rng.choice(ENDS)
    if rng.random() < 0.15:
        text += rng.choice(MOODS[label])
    return text.replace(" ", "") if rng.random() < HASTE else text


def reviews(rng: random.Random, count: int) -> list[tuple[str, int]]:
    """Different reviews, both labels equally often, in random order."""
    drawn: dict[str, int] = {}
    while len(drawn) < count:
        label = len(drawn) % 2
        drawn.setdefault(review(rng, label), label)
    rows = list(drawn.items())
    rng.shuffle(rows)
    return rows


def nsmc(rows: Iterable[tuple[str, int]], first_id: int) -> str:
    """Return reviews in the quoting of NSMC's files: text with a quote is quoted as CSV, twice.

    Example:
        The review `그저 "굿"` stands in the file as `\"\"\"그저 \"\"\"\"굿\"\"\"\"\"\"\"`.
    """
    lines = ["id\tdocument\tlabel"]
    for number, (text, label) in enumerate(rows, first_id):
        if '"' in text:
            text = _quote(_quote(text))
        lines.append(f"{number}\t{text}\t{label}")
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _inflect(template: str, good: str, bad: str) -> str:
    """Put stems into a template with the ending that stands after them.

    Example:
        >>> _inflect("{g}ㄹ 줄 알았는데 {b}어도", "멋지", "답답하")
        '멋질 줄 알았는데 답답해도'
    """
    for slot, stem in (("{g}", good), ("{b}", bad)):
        template = template.replace(f"{slot}ㄹ", _future(stem))
        template = template.replace(f"{slot}어도", _though(stem))
        template = template.replace(f"{slot}다", stem + ("라" if stem[-1] == "이" else "다"))
        template = template.replace(slot, stem)
    return template


def _future(stem: str) -> str:
    """답답하 -> 답답할, 좋 -> 좋을, 놀랍 -> 놀라울, 재미있 -> 재미있을."""
    if final_sound(stem) == NO_FINAL:
        return stem[:-1] + chr(ord(stem[-1]) + RIEUL)
    return _without_bieup(stem) + "울" if final_sound(stem) == BIEUP else stem + "을"


def _though(stem: str) -> str:
    """답답하 -> 답답해도, 좋 -> 좋아도, 놀랍 -> 놀라워도, 멋지 -> 멋져도, 최악이 ->
    최악이어도."""
    contracted = {"하": "해도", "나": "나도", "지": "져도"}
    if stem[-1] in contracted:
        return stem[:-1] + contracted[stem[-1]]
    if final_sound(stem) == BIEUP:
        return _without_bieup(stem) + "워도"
    return stem + ("아도" if stem[-1] == "좋" else "어도")


def _without_bieup(stem: str) -> str:
    return stem[:-1] + chr(ord(stem[-1]) - BIEUP)
