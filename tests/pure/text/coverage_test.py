"""How well a vocabulary fits a text."""

import pytest

from kortf.text.training.coverage import measure
from kortf.text.vocabulary.vocabulary import Vocabulary

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary(*pieces):
    return Vocabulary("wordpiece", "\n".join([*SPECIAL, *pieces]).encode())


def test_example_of_the_docstring():
    fit = measure(vocabulary("나는", "학교", "##에", "간"), ["나는 학교에 간다"])
    assert (fit.eojeol, fit.tokens) == (3, 4)
    assert fit.unknown_rate == pytest.approx(1 / 4)
    assert fit.pieces_per_eojeol == pytest.approx(4 / 3)
    assert fit.whole_eojeol == pytest.approx(1 / 3)


def test_characters_covered_count_by_occurrence():
    fit = measure(vocabulary("가", "##나", "다라"), ["가가 나\n다라"])
    assert fit.character_coverage == pytest.approx(3 / 5)


def test_no_text():
    assert measure(vocabulary("가"), []) == (0, 0, 0, 0, 0, 0)
