"""What holds for every rule, and the fast ones against their slow twins."""

import random

import pytest

from kortf.clean.characters import MARK
from kortf.clean.rule_set import make_rules, rule_names
from kortf.clean.rules.characters.compose import Compose
from kortf.clean.rules.characters.repeats import Repeats
from kortf.clean.rules.characters.white_space import WhiteSpace
from kortf.clean.rules.filters.hangul_share import HangulShare
from kortf.clean.settings import from_config
from tests.reference import cleaning

ALL = from_config(
    {
        "remove": "hanja,emoji",
        "repeats": 2,
        "short_lines": 3,
        "sentences": "rules",
        "length": {
            "min_chars": 3,
            "max_chars": 90,
            "min_words": 1,
            "max_words": 9,
            "max_lines": 2,
        },
        "boilerplate": {"patterns": [r"\[광고[^\]]*\]"]},
    }
)
RULES = make_rules(ALL.values, wiki=True)
PARTS = [
    "봄이 왔다.", "ㅋㅋㅋㅋㅋ", "(", ",", ")", " ", "\t", "\u3000", "\u200b", "漢字", "😀", "생애.",
    "010-1234-5678", "02", "-", "0", "a@b.co.kr", "900101-2345678", "[광고", "]", "\n", "\n", "각",
    "1000000", "Seoul", "\r", "!", "formula_1",
]  # fmt: skip


def random_text(seed: int, size: int = 12) -> str:
    return "".join(random.Random(seed).choices(PARTS, k=size)).strip("\n")


@pytest.mark.parametrize("rule", RULES.of_text, ids=lambda rule: rule.name)
def test_a_line_does_not_care_what_stands_around_it(rule):
    for seed in range(300):
        documents = [random_text(3 * seed + i) for i in range(3)]
        lines = [line for document in documents for line in document.split("\n")]
        assert rule.apply("\n".join(lines)) == "\n".join(map(rule.apply, lines))
        assert rule.apply(MARK.join(documents)) == MARK.join(map(rule.apply, documents))


@pytest.mark.parametrize("rule", RULES.of_text, ids=lambda rule: rule.name)
def test_what_is_clean_stays(rule):
    text = "한국어로 쓴 글 (괄호와 함께), 3.5점.\n둘째 줄이다! ㅋㅋ"
    assert rule.apply(text) == text
    assert rule.apply("") == ""


@pytest.mark.parametrize("rule", RULES.filters, ids=lambda rule: rule.name)
def test_a_filter_looks_at_each_document_alone(rule):
    documents = [random_text(seed, 1 + seed % 60) or "-" for seed in range(200)]
    drops = rule.drops(documents)
    assert drops == [rule.drops([document])[0] for document in documents]
    assert len(set(drops)) == 2
    assert rule.drops([]) == []


def test_names_are_those_of_the_rules_and_each_its_own():
    names = rule_names(ALL.values)
    assert len(names) == len(set(names))
    assert {rule.name for kind in RULES for rule in kind} <= set(names)


def test_nothing_that_is_turned_off_is_made():
    off = from_config(
        {
            "compose": False, "control": False, "white_space": False, "repeats": 0,
            "hangul_share": 0.0, "length": {"min_chars": 0},
            "boilerplate": {"patterns": [], "empty_brackets": False, "headings": "never"},
            "private": dict.fromkeys(("phone", "email", "resident_number"), ""),
        }
    )  # fmt: skip
    assert make_rules(off.values, wiki=True) == ([], [], [])


def test_composing_leaves_compatibility_jamo():
    assert Compose().apply("\u1100\u1161\u11a8ㅋㅋ") == "각ㅋㅋ"


@pytest.mark.parametrize("most", [1, 2, 5])
def test_repeats_against_the_slow_twin(most):
    for seed in range(200):
        text = random_text(seed) + "ㅠ" * (seed % 9) + "\n\n7777777"
        assert Repeats(most).apply(text) == cleaning.shorten_repeats(text, most)


def test_white_space_against_the_slow_twin():
    for seed in range(200):
        line = random_text(seed).replace("\n", "\xa0")
        assert WhiteSpace().apply(line) == cleaning.plain_spaces(line)


def test_language_against_the_slow_twin():
    documents = [random_text(seed) + "." for seed in range(200)] + [
        "ㅋㅋ",
        "ﾡ",
        "\u1112\u119e\u11ab",
    ]
    for share in (0.2, 0.5, 1.0):
        slow = [cleaning.hangul_share(document) < share for document in documents]
        assert HangulShare(share).drops(documents) == slow
