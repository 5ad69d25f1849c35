"""Where long runs of tokens are cut."""

import numpy as np

from kortf.data.records.cutting import Cutter
from kortf.data.records.token_block import TokenBlock
from kortf.text.vocabulary.vocabulary import Vocabulary

# Ids 0-4 go on a word, 5-8 begin one, 9 is a full stop.
STARTS_WORD = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1], dtype=bool)
ENDS_SENTENCE = np.array([0, 0, 0, 0, 0, 0, 0, 0, 0, 1], dtype=bool)


def cut(ids, most, sentence_splits=None):
    splits = np.array(sentence_splits or [0, len(ids)])
    block = TokenBlock(np.array(ids), splits, np.array([0, len(splits) - 1]))
    starts, ends = Cutter(STARTS_WORD, ENDS_SENTENCE).cut(
        block, np.array([0]), np.array([len(ids)]), most
    )
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def test_docstring_example():
    assert cut([5, 1, 7, 1], 3) == [(0, 2), (2, 4)]


def test_what_fits_stays_whole():
    assert cut([5, 1, 7], 3) == [(0, 3)]
    assert cut([], 3) == []


def test_a_sentence_end_is_better_than_a_later_word():
    ids = [5] * 30 + [9] + [5] * 19
    assert cut(ids, 32)[0] == (0, 31)
    assert cut(ids, 40)[0] == (0, 40)  # too early for that


def test_a_line_ends_a_sentence():
    assert cut([5] * 50, 32, sentence_splits=[0, 31, 50])[0] == (0, 31)


def test_a_word_longer_than_half_is_cut_anywhere():
    assert cut([5] + [1] * 9, 4) == [(0, 4), (4, 8), (8, 10)]


def test_full_stops_of_both_kinds_of_vocabulary():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "다", "##?"]
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode())
    cutter = Cutter.for_vocabulary(vocabulary)
    block = TokenBlock(np.array([6, 6, 6, 5, 6, 6]), np.array([0, 6]), np.array([0, 1]))
    starts, ends = cutter.cut(block, np.array([0]), np.array([6]), 5)
    assert ends.tolist() == [5, 6]
