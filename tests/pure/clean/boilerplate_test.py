"""What was never part of the text: notes, empty brackets, headings without text."""

import pytest

from kortf.clean.characters import MARK
from kortf.clean.rules.lines import boilerplate
from kortf.clean.rules.lines.boilerplate import PETITION_NOTE, Boilerplate
from kortf.clean.rules.lines.empty_brackets import EmptyBrackets
from kortf.clean.rules.lines.headings import Headings
from kortf.clean.rules.lines.sentences import Sentences
from kortf.errors import InputError
from kortf.text.kiwi import Kiwi


def test_the_notes_of_moderators_go_wherever_they_stand():
    note = "[본 게시물의 일부 내용이 국민 청원 요건에 위배되어 관리자에 의해 수정되었습니다]"
    assert Boilerplate([PETITION_NOTE]).apply(f"{note}가{note}나") == "가나"
    assert Boilerplate([PETITION_NOTE]).apply("[본 게시물의 일부]") == "[본 게시물의 일부]"


@pytest.mark.parametrize("pattern", ["(", "*", "가*", ""])
def test_patterns_that_cannot_be(pattern):
    with pytest.raises(InputError, match=r"boilerplate.patterns\[1\]: "):
        Boilerplate(["가", pattern])


def test_a_pattern_that_takes_too_long_is_named(monkeypatch):
    monkeypatch.setattr(boilerplate, "LIMIT_SECONDS", 0.2)
    with pytest.raises(InputError) as caught:
        Boilerplate(["가", "(나+)+다"]).apply("나" * 60)
    assert caught.value.parts[0] == "boilerplate.patterns[1]"


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("^가", "나가\n다가"),
        ("가$", "가나\n가다"),
        (r"\A가", "나가\n다가"),
        ("가(?=.*다)", "가나가\n다가"),
    ],
)
def test_a_pattern_sees_one_line_at_a_time(pattern, left):
    for end in ("\n", MARK):
        apply = Boilerplate([pattern]).apply
        assert apply(f"가나가{end}가다가") == left.replace("\n", end)


def test_a_pattern_never_joins_lines():
    assert Boilerplate([r"가[^다]*나"]).apply("가 나\n가\n나") == " \n가\n나".replace(" ", "")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("서울()은", "서울은"),
        ("서울(, )은", "서울은"),
        ("서울 [ ] 『』《》은", "서울  은"),
        ("서울([])은", "서울은"),
        ("(, 1924년 ~ )", "(1924년 ~ )"),
        ("함수(天障函數, )는", "함수(天障函數)는"),
        ("f()와 a[]와 x(i)()", "f()와 a[]와 x(i)()"),
        ("(;;) (..) ㅋ;;)", "(;;) (..) ㅋ;;)"),
        ("(가, 나)", "(가, 나)"),
    ],
)
def test_empty_brackets(text, left):
    assert EmptyBrackets().apply(text) == left


@pytest.mark.parametrize(
    ("document", "left"),
    [
        ("본문이다.\n같이 보기.\n각주.", "본문이다."),
        ("개요.\n본문이다.", "개요.\n본문이다."),
        ("생애.\n활동.", "생애.\n활동."),
        ("본문이다.\n그는 갔다.", "본문이다.\n그는 갔다."),
        ("본문이다.\n재밌네요.", "본문이다.\n재밌네요."),
        ("본문이다.\n" + "가" * 40 + ".", "본문이다.\n" + "가" * 40 + "."),
    ],
)
def test_headings(document, left):
    assert Headings().apply(document) == left


def test_sentences_by_rules_change_no_byte_but_where_lines_break():
    text = '2009. 3. 14. 개봉했다. "정말? 그래." 하고 웃었다! 3.5점(참고. 하라)이다… 끝 ㅋㅋ'
    assert Sentences("rules").apply(text).replace("\n", " ") == text
    assert Sentences("rules").apply(text).count("\n") == 3


def test_sentences_by_kiwi():
    pytest.importorskip("kiwipiepy", reason="pip install 'kortf[kiwi]'")
    text = "봄이 왔어요 꽃도 피었습니다 3.5점이다."
    split = Sentences("kiwi").apply(text)
    (starts,) = Kiwi("", 1).morpheme_starts(["나는 공부했다"])
    assert starts == {0, 1, 3, 5, 6}
    assert split.replace("\n", " ") == text
    assert split.split("\n")[0] == "봄이 왔어요"
