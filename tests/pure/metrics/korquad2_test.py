"""KorQuAD 2.0's scores: the official script's normalization, step by step, as an oracle."""

import random
import re
import string
from collections import Counter

import pytest

from kortf.metrics.korquad2 import character_f1, exact_match, normalize

PIECES = [
    "<b>",
    "</b>",
    "<td>",
    "<br>",
    "가",
    "나 다",
    "(",
    "《",
    "’",
    "K-POP",
    "\n",
    "3",
    "&amp;",
    ".",
]


def by_the_steps(text: str) -> str:
    """Tags off, marks to spaces, lower case, punctuation off, white space off: one after another.

    Where tags are well-formed and no entity is cut, a pattern is as good as an HTML parser.
    """
    text = re.sub(r"</?[a-z]+>", "", text).replace("&amp;", "&")
    for mark in "'\"《》<>〈〉()‘’":
        text = text.replace(mark, " ")
    text = "".join(c for c in text.lower() if c not in set(string.punctuation))
    return "".join(text.split())


def test_normalization_follows_the_official_steps():
    draw = random.Random(0)
    for _ in range(500):
        text = "".join(draw.choices(PIECES, k=draw.randint(0, 9)))
        assert normalize(text) == by_the_steps(text)


@pytest.mark.parametrize(
    "answer, text",
    [  # as BeautifulSoup 4.14 with lxml gives them
        ("<!-- 비밀 -->왕", "왕"),
        ("<script>var a=1</script>왕<style>p{}</style>", "왕"),
        ("<table><tr><td>1<td>2</table>", "12"),
        ("3 < 4 그리고 5 > 2", "34그리고52"),
        ("&lt;b&gt; &nbsp;왕 &#44032;", "b왕가"),
        ("왕</b>이", "왕이"),
        ("왕<td class", "왕"),
        ("<textarea>가</textarea>", "가"),
        ("“왕”", "“왕”"),
        ("", ""),
    ],
)
def test_text_of_odd_markup(answer, text):
    assert normalize(answer) == text


def test_scores_are_those_of_the_normalized_characters():
    draw = random.Random(1)
    for _ in range(200):
        ours, gold = ("".join(draw.choices(PIECES, k=5)) for _ in range(2))
        left, right = by_the_steps(ours), by_the_steps(gold)
        assert exact_match(ours, gold) == float(left == right)
        same = sum((Counter(left) & Counter(right)).values())
        expected = 0.0
        if same:
            precision, recall = same / len(left), same / len(right)
            expected = 2 * precision * recall / (precision + recall)
        assert character_f1(ours, gold) == pytest.approx(expected)
