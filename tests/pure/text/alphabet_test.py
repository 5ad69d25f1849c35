"""Which characters become pieces."""

import pytest

from kortf.errors import InputError
from kortf.text.training.alphabet import choose_alphabet


def test_example_of_the_docstring():
    assert choose_alphabet({"가": 5, ".": 4, "나": 2}, size=11, special=5) == ["가", "."]


def test_half_of_the_vocabulary_is_enough_when_the_rest_is_rare():
    chars = {chr(0xAC00 + i): 10_000 for i in range(30)} | {chr(0xB000 + i): 1 for i in range(99)}
    assert len(choose_alphabet(chars, size=100, special=0)) == 30
    assert len(choose_alphabet(chars, size=200, special=0)) == 50


def test_hanja_and_punctuation_take_one_piece_each():
    assert choose_alphabet(dict.fromkeys("大韓民國.!", 1), size=13, special=5) == list("大韓民國.!")
    assert len(choose_alphabet(dict.fromkeys("가나다라마바", 1), size=13, special=5)) == 3


def test_a_limit_is_kept_or_refused():
    chars = {"가": 5, "나": 4, "다": 3}
    assert choose_alphabet(chars, size=9, special=5, limit=2) == ["가", "나"]
    with pytest.raises(InputError, match="^--size=8: too small .*; give at least 9, or a smaller"):
        choose_alphabet(chars, size=8, special=5, limit=2)


def test_when_most_text_would_be_unknown():
    chars = {chr(0xAC00 + i): 5 for i in range(1000)}
    with pytest.raises(InputError, match=r"^--size=50: .*give at least (\d+)$") as caught:
        choose_alphabet(chars, size=50, special=5)
    least = int(str(caught.value).split()[-1])
    assert len(choose_alphabet(chars, size=least, special=5)) >= 950
