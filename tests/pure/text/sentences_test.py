"""The rule-based sentence splitter."""

import pytest

from kortf.text.sentences import split_sentences


def test_docstring_example():
    text = '2009. 3. 14. 개봉했다. "정말? 그래." 하고 웃었다. 3.5점이다!'
    assert split_sentences(text) == [
        "2009. 3. 14. 개봉했다.",
        '"정말? 그래." 하고 웃었다.',
        "3.5점이다!",
    ]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", []),
        (" \t ", []),
        ("한 문장", ["한 문장"]),
        ("봄이다.여름이다. 가을!", ["봄이다.여름이다.", "가을!"]),
        ("정말?! 그래… 응", ["정말?!", "그래…", "응"]),
        ("J. K. 롤링은 작가이다. U.S. 육군", ["J. K. 롤링은 작가이다.", "U.S. 육군"]),
        ("Dr. 김은 갔다. Mr. 박도.", ["Dr. 김은 갔다.", "Mr. 박도."]),
        ("1. 서론 2. 본론이다. 3. 결론", ["1. 서론 2. 본론이다.", "3. 결론"]),
        ("그(1900년생. 화가)는 갔다. 끝", ["그(1900년생. 화가)는 갔다.", "끝"]),
        ("열고 (닫지 않았다. 그래도 끝난다.", ["열고 (닫지 않았다.", "그래도 끝난다."]),
        ("1) 가다. 2) 오다.", ["1) 가다.", "2) 오다."]),
        ("“가자. 어서.” 그가 말했다.", ["“가자. 어서.”", "그가 말했다."]),
        ("“가자!” 라고 말했다. 갔다.", ["“가자!” 라고 말했다.", "갔다."]),
        ("ㅋㅋㅋ 재밌다!! ㅠㅠ", ["ㅋㅋㅋ 재밌다!!", "ㅠㅠ"]),
    ],
)
def test_rules(text, sentences):
    assert split_sentences(text) == sentences


def test_no_character_changes():
    text = " (열고. [닫고). \"홀수. 따옴표 'A.B.' 3.14… 끝.  그리고\t다음?\n또. "
    assert "".join("".join(split_sentences(text)).split()) == "".join(text.split())


def test_a_long_paragraph_takes_linear_time():
    # 20,000 sentences: what looks at each pair of them would not come back.
    assert len(split_sentences("그는 갔다. (참고. 하라) " * 20_000)) == 20_001
