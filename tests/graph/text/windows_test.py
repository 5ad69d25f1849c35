"""Windows equal those of a loop, and the last piece of a context is always in one."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.text.tokenizer.rows.windows import along, make_windows, owned
from kortf.text.vocabulary.pair_layout import ROBERTA
from tests.reference import windows as slow


def test_make_windows_example():
    windows = make_windows(
        tf.ragged.constant([[11]]), tf.ragged.constant([[21, 22, 23, 24, 25, 26]]), 8, 3, 4, 2, 3
    )
    assert windows.token_ids.to_list() == [[2, 11, 3, 21, 22, 23, 24, 3], [2, 11, 3, 24, 25, 26, 3]]
    assert windows.owners.numpy().tolist() == [0, 0]
    assert windows.firsts.numpy().tolist() == [0, 3]
    assert windows.begins.numpy().tolist() == [3, 3]
    assert windows.lengths.numpy().tolist() == [4, 3]
    values = along(tf.ragged.constant([[1, 2, 3, 4, 5, 6]]), windows)
    assert values.to_list() == [[0, 0, 0, 1, 2, 3, 4, 0], [0, 0, 0, 4, 5, 6, 0]]
    assert owned(windows).to_list() == [
        [False, False, False, True, True, True, False, False],
        [False, False, False, True, True, True, False],
    ]


def test_two_separators_before_the_context():
    questions, contexts = tf.ragged.constant([[11, 12, 13]]), tf.ragged.constant([[21, 22, 23]])
    windows = make_windows(questions, contexts, 8, 1, 9, 2, 3, layout=ROBERTA)
    assert windows.token_ids.to_list() == [[2, 11, 12, 13, 3, 3, 21, 3],
                                           [2, 11, 12, 13, 3, 3, 22, 3],
                                           [2, 11, 12, 13, 3, 3, 23, 3]]  # fmt: skip
    assert not np.any(windows.segment_ids.flat_values)
    windows = make_windows(questions, contexts, 7, 1, 9, 2, 3, layout=ROBERTA)
    assert windows.token_ids.to_list()[0] == [2, 11, 12, 3, 3, 21, 3]
    with pytest.raises(ValueError, match="max_length=5"):
        make_windows(questions, contexts, 5, 1, 9, 2, 3, layout=ROBERTA)


@pytest.mark.parametrize("overlap", [1, 4, 9])
def test_a_span_as_long_as_the_overlap_is_whole_in_a_window(overlap):
    room = 16
    contexts = tf.ragged.constant([list(range(10, 110))])
    windows = make_windows(None, contexts, room + 2, 100, 0, 2, 3, overlap)
    rows = [set(row) for row in windows.token_ids.to_list()]
    length = min(overlap, room // 2) + 1
    for begin in range(10, 110 - length + 1):
        assert any(set(range(begin, begin + length)) <= row for row in rows)


def test_a_length_without_room_for_text_is_refused():
    contexts = tf.ragged.constant([[7, 8]])
    with pytest.raises(ValueError, match="max_length=2"):
        make_windows(None, contexts, 2, 1, 0, 2, 3)
    with pytest.raises(ValueError, match="max_length=4"):
        make_windows(contexts, contexts, 4, 1, 8, 2, 3)


@pytest.mark.parametrize("max_length, stride, max_question", [(16, 5, 6), (12, 100, 3), (8, 1, 64)])
@pytest.mark.parametrize("alone", [True, False])
@pytest.mark.parametrize("graph", [True, False])
def test_windows_equal_the_loop(max_length, stride, max_question, graph, alone):
    rng = np.random.default_rng(0)

    def ragged(most):
        rows = [rng.integers(5, 99, rng.integers(0, most)).tolist() for _ in range(20)]
        return tf.ragged.constant(rows, dtype=tf.int32)

    questions, contexts = ragged(10), ragged(60)
    run = tf.function(make_windows) if graph else make_windows
    given = None if alone else questions
    windows = run(given, contexts, max_length, stride, max_question, 2, 3)
    asked = [None] * 20 if alone else questions.to_list()
    expected = [
        (owner, *row)
        for owner, (question, context) in enumerate(zip(asked, contexts.to_list(), strict=True))
        for row in slow.windows(question, context, max_length, stride, max_question, 2, 3)
    ]
    found = list(
        zip(
            windows.owners.numpy().tolist(), windows.token_ids.to_list(),
            windows.segment_ids.to_list(), windows.firsts.numpy().tolist(),
            windows.begins.numpy().tolist(), windows.lengths.numpy().tolist(), strict=True,
        )
    )  # fmt: skip
    assert found == expected
    assert max(map(len, windows.token_ids.to_list())) <= max_length

    # Each piece of a context belongs to one window, and there it stands.
    mine = owned(windows)
    assert tf.boolean_mask(windows.token_ids.flat_values, mine.flat_values).numpy().tolist() == (
        contexts.flat_values.numpy().tolist()
    )
    again = along(contexts, windows)
    inside = again.flat_values.numpy() > 0
    same = again.flat_values.numpy() == windows.token_ids.flat_values.numpy()
    assert same[inside].all() and inside.sum() == windows.lengths.numpy().sum()
