"""Rules that look only where a match can be give what a plain search of the whole text gives."""

import re
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kortf.clean import characters
from kortf.clean.characters import MARK
from kortf.clean.masking import MaskRule, plain
from kortf.clean.rules.characters.emoji_runs import EmojiRuns
from kortf.clean.rules.characters.laughter import Laughter
from kortf.clean.rules.characters.white_space import WhiteSpace
from kortf.clean.rules.characters.width import Width
from kortf.clean.rules.lines import empty_brackets, repeated_phrases, urls
from kortf.clean.rules.lines.repeated_phrases import RepeatedPhrases
from kortf.clean.rules.personal.account import Account
from kortf.clean.rules.personal.business_number import BusinessNumber
from kortf.clean.rules.personal.card import Card
from kortf.clean.rules.personal.driver_licence import DriverLicence
from kortf.clean.rules.personal.email import Email
from kortf.clean.rules.personal.passport import Passport
from kortf.clean.rules.personal.phone import Phone
from kortf.clean.rules.personal.resident_number import ResidentNumber
from kortf.text.unicode import code_points, tables

few = settings(max_examples=60, deadline=None)


def texts(*pieces, most=14):
    return st.lists(st.sampled_from([*pieces, "\n", MARK, "가", " "]), max_size=most).map("".join)


NUMBERS = texts(
    "010-1234-5678", "01012345678", "(02) 345-6789", "공일공", "o1o", "+ 82 ", "(+82)", " " * 32,
    "-", "--", "*", "1234", "5678", "900101-1234567", "900101", "9001011******", "계좌 ", "은행",
    "110-123-456789", "123-45-67891", "4111 1111 1111 1111", "11-12-345678-90", "서울 12-345678",
    "-90", ".", ",", "여권 M12345678", "ｐａｓｓｐｏｒｔ M123A4567", "passſort", "７", "원", "x",
    "나" * 90, most=9,
)  # fmt: skip
ADDRESSES = texts(
    "kim@example.com", "kim.cs", "[at]", "(at", ")", "AT", "at", "골뱅이", "@", " ",
    "example.co.kr", ".", "a" * 70, "<", "{", "naver.com", "-", most=9,
)  # fmt: skip


def searched(rule: MaskRule, text: str) -> str:
    """Return what a search of the whole text masks."""
    parts, end = [], 0
    for match in rule.pattern.finditer(plain(text)):
        if rule.accepts(match, end):
            start = match.start() + rule.kept(match)
            parts += (text[end:start], "[x]")
            end = match.end()
    return "".join([*parts, text[end:]])


@few
@given(NUMBERS)
@example("(+ 82 10 1234 5678")
@example("공일공공일공900101-1234567")  # the phone rule searches more than the others
@example("공일공" + " " * 32 + "---" + " " * 32 + "1234 5678")
@example("passport M12345678 ｐａＳＳport M12345678")
def test_numbers(text):
    rules = (Account, BusinessNumber, Card, DriverLicence, Passport, Phone, ResidentNumber)
    for rule in rules:
        assert rule("[x]").apply(text) == searched(rule("[x]"), text), rule


@few
@given(ADDRESSES)
@example("kim  [at] naver.com")
@example("a" * 64 + "@" + ("b" * 63 + ".") * 8 + "c" * 24)
def test_addresses(text):
    assert Email("[x]").apply(text) == searched(Email("[x]"), text)


@few
@given(
    texts("http://", "https:", "//", "www.", "WwW.", "WW.", "a.kr/", ".COM/", "a", ".", "/", "ww")
)
def test_urls(text):
    found = [match.span() for match in urls._ANCHOR.finditer(text)]
    assert [match.span() for match in urls._anchors(text)] == found


@few
@given(texts("\t", "\u3000", "\xa0", "  ", "a"))
def test_white_space(text):
    spaces = tables.table(code_points.SPACES)
    usual = "".join(" " if char != "\n" and spaces[ord(char)] else char for char in text)
    usual = re.sub(f" ?([\n{MARK}]) ?", r"\1", re.sub("  +", " ", usual)).strip(" ")
    assert WhiteSpace().apply(text) == usual


@few
@given(texts("(", ")", "[", "]", "《", "》", ",", "、", "f", "()", "( , )", "x,"))
def test_empty_brackets(text):
    slow = empty_brackets._EMPTY.sub("", text)
    if empty_brackets._EMPTY.search(slow):
        without = empty_brackets._without_empty
        slow = empty_brackets._LINE.sub(lambda line: without(line.group()), slow)
    slow = empty_brackets._TRAILING.sub(")", empty_brackets._LEADING.sub("(", slow))
    assert empty_brackets.EmptyBrackets().apply(text) == slow


@few
@given(texts("ㅋㅎ", "ㅋ", "하호", "ㅠ", "😀", "❤️", "👍🏽", "🇰🇷", "\ufe0f", "Ａ", "１", "ﬁ"))
def test_runs(text):
    laughter, emoji = Laughter(2), EmojiRuns(2)
    assert laughter.apply(text) == laughter._shorten(text)
    assert emoji.apply(text) == emoji._shorten(text)
    assert Width().apply(text).count("Ａ") == 0


@few
@given(texts("대박 ", "대박", "ab", "abc", "1", "12", "가나다라" * 30, most=30), st.integers(1, 3))
def test_repeated_phrases(text, most):
    for few in (0, 100):
        with mock.patch.object(repeated_phrases, "_FEW", few):
            assert_equal_cuts(RepeatedPhrases(most), text, most)


def assert_equal_cuts(rule, text, most):
    array = characters.as_array(text)
    for period in range(2, 21):
        array = cut_everywhere(array, period, most, rule._barred)
    assert rule.apply(text) == characters.as_text(array)


def cut_everywhere(array, period, most, barred):
    same = (array[period:] == array[:-period]) & ~barred[array[period:]]
    edges = np.flatnonzero(np.diff(same, prepend=False, append=False))
    keep = np.ones(len(array), bool)
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start >= most * period:
            first = start + most * period
            keep[first : first + ((end - start + period) // period - most) * period] = False
    return array[keep]


@pytest.mark.parametrize("text", ["", "a", "a\0", "\0", "가\0\0나", f"{MARK}😀{MARK}", "\udfff"])
def test_code_points_and_back(text):
    array = characters.as_array(text)
    assert array.tolist() == [ord(char) for char in text]
    assert characters.as_text(array) == text


def test_counts_of_one_table_and_another():
    values = characters.counts(["가a", "나나", ""], tables.table("가-나"), tables.table("a"))
    assert [value.tolist() for value in values] == [[1, 2, 0], [1, 0, 0]]
    assert characters.counts(["가a"], tables.table("가"))[0].tolist() == [1]
