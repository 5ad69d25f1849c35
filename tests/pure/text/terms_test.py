"""The choice of a domain's terms."""

import random

from kortf.text.extension.terms import choose_terms
from kortf.text.tokenizer.longest_match import LongestMatch


def tokens(words, pieces):
    """Number of tokens of a text; one more than its characters for a word that cannot be cut."""
    matcher = LongestMatch(pieces)
    total = 0
    for word, count in words.items():
        parts = matcher.cut(word)
        total += count * (len(word) + 1 if parts is None else len(parts))
    return total


def test_example_of_the_docstring():
    pieces = ["청", "##원", "##이", "##을", "##은"]
    words = {"청원이": 4, "청원을": 3, "청원은": 3}
    assert choose_terms(words, pieces, 2) == [("청원", 10), ("청원이", 4)]


def test_endings_are_terms_too():
    pieces = ["보", "사", "하", "##니", "##다", "##습"]
    words = {"보습니다": 3, "사습니다": 3, "하습니다": 3}
    assert choose_terms(words, pieces, 1) == [("##습니다", 18)]


def test_a_missing_character_counts_as_what_it_makes_unknown():
    words = {"뷁": 5, "가나": 3}
    assert choose_terms(words, ["가", "##나"], 2) == [("뷁", 5), ("가나", 3)]


def test_what_is_rare_or_whole_is_not_chosen():
    assert choose_terms({"가나": 2, "나": 100}, ["가", "##나", "나"], 5) == []


def test_each_choice_saves_what_it_says():
    draw = random.Random(0)
    chars = "가나다라"
    words = {
        "".join(draw.choices(chars, k=draw.randint(1, 7))): draw.randint(1, 50) for _ in range(300)
    }
    pieces = [*chars, *(f"##{char}" for char in chars), "가나다", "##나다라", "##다라가나"]
    chosen = choose_terms(words, pieces, 60)
    assert len(chosen) == len({term for term, _ in chosen}) == 60
    before, checked = tokens(words, pieces), 0
    for term, saved in chosen:
        pieces.append(term)
        after = tokens(words, pieces)
        # A piece that stands in a word twice saves more than was counted.
        repeated = any(word.count(term.removeprefix("##")) > 1 for word in words)
        assert before - after == saved or repeated, term
        checked += not repeated
        before = after
    assert checked > 20
