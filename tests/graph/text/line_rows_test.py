"""Rows that NumPy packs are those of the graph."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.text.tokenizer.lines.line_rows import LineRows
from kortf.text.tokenizer.rows.rows import rows_of_segments
from kortf.text.tokenizer.rows.segments import TRUNCATIONS
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.pair_layout import BERT, ROBERTA


def _spelled(lines):
    """Numbers in a line are its ids."""
    ids = [[int(word) for word in line.split()] for line in lines]
    return np.array(sum(ids, []), np.int32), np.array([len(each) for each in ids])


@pytest.mark.parametrize("layout", [BERT, ROBERTA], ids=["bert", "roberta"])
@pytest.mark.parametrize("truncation", TRUNCATIONS)
@pytest.mark.parametrize("segments", [1, 2])
def test_they_are_those_of_the_graph(vocabulary_dir, segments, truncation, layout):
    vocabulary = load_vocabulary(str(vocabulary_dir))
    vocabulary.pair_layout = layout
    lengths = [(a, b) for a in (0, 1, 3, 4, 5, 9) for b in (0, 1, 3, 4, 5, 9)]
    columns = [[" ".join(["7"] * a) for a, _ in lengths], [" ".join(["8"] * b) for _, b in lengths]]
    columns = columns[:segments]
    parts = [
        tf.ragged.constant([list(map(int, line.split())) for line in column], dtype=tf.int32)
        for column in columns
    ]
    expected = rows_of_segments(parts, 10, vocabulary, truncation)
    found = LineRows(_spelled, vocabulary, 10, truncation)(columns)
    assert [ids.tolist() for ids, _ in found] == expected.token_ids.to_list()
    assert [ids.tolist() for _, ids in found] == expected.segment_ids.to_list()
