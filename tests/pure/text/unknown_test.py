"""UnknownCounter: the share of [UNK] in texts, with examples."""

import pickle
from types import SimpleNamespace

import numpy as np
import pytest

from kortf.errors import InputError
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.text.vocabulary.vocabulary import Vocabulary

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "세종"]
UNK, KNOWN = 1, 5


@pytest.fixture
def counter():
    return UnknownCounter(Vocabulary("wordpiece", "\n".join(PIECES).encode()))


ROWS = [[KNOWN], [KNOWN, UNK], [], [UNK]]
TEXTS = ["세종", "세종 훈민", "", "정음"]


def ragged(rows):
    splits = np.cumsum([0, *map(len, rows)])
    return SimpleNamespace(flat_values=np.array(sum(rows, [])), row_splits=splits)


@pytest.mark.parametrize("rows", [ROWS, ragged(ROWS)], ids=["lists", "ragged"])
def test_counts_and_examples(counter, rows):
    counter.add(rows, TEXTS)
    assert (counter.pieces, counter.unknown, counter.share) == (4, 2, 0.5)
    assert counter.examples == ["세종 훈민", "정음"]
    assert counter.report()["share"] == 0.5


def test_padding_and_special_tokens_are_no_pieces(counter):
    counter.add(np.array([[2, KNOWN, 3, 0], [2, UNK, KNOWN, 3]]), [b"a", "나".encode()])
    assert (counter.pieces, counter.unknown, counter.examples) == (3, 1, ["나"])


def test_spans_give_the_unknown_word(counter):
    counter.add(ROWS, TEXTS, spans=([[0], [0, 3], [], [0]], [[2], [2, 5], [], [2]]))
    assert counter.examples == ["훈민", "정음"]


def test_examples_are_few_short_and_different(counter):
    texts = ["가" * 1000] * 2 + [f"글 {i}" for i in range(20)]
    counter.add([[UNK]] * 22, texts)
    assert len(counter.examples) == 5 == len(set(counter.examples))
    assert max(map(len, counter.examples)) == 40


def test_merged_as_if_counted_by_one(counter):
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode())
    other, whole = UnknownCounter(vocabulary), UnknownCounter(vocabulary)
    counter.add(ROWS[:2], TEXTS[:2])
    other.add(ROWS[2:], TEXTS[2:])
    counter.merge(pickle.loads(pickle.dumps(other)))
    whole.add(ROWS, TEXTS)
    assert counter.report() == whole.report()


@pytest.mark.parametrize(
    "unknown, warns, refuses", [(0, False, False), (1, False, False), (2, True, False),
                                (50, True, False), (51, True, True), (100, True, True)]
)  # fmt: skip
def test_limits(counter, unknown, warns, refuses):
    counter.add(np.array([UNK] * unknown + [KNOWN] * (100 - unknown)))
    assert (counter.warning() is not None) is warns
    if refuses:
        with pytest.raises(InputError, match="^input.txt: "):
            counter.check("input.txt")
        counter.check("input.txt", allow=True)
    else:
        counter.check("input.txt")


def test_nothing_counted(counter):
    counter.add([], [])
    counter.add(np.zeros([0, 8], np.int32), [])
    counter.check("input.txt")
    assert counter.warning() is None
    assert counter.share == 0
