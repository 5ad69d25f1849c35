"""Origins of the characters of a normalized string."""

import tensorflow as tf

from kortf.text.tokenizer.offsets import normalize_with_origins, to_origin
from kortf.text.unicode.normalize import Normalization
from kortf.text.unicode.normalize_graph import normalize


def origins(strings, usual, lowercase=False):
    strings, usual = tf.constant(strings), tf.constant(usual)

    def normalized(some):
        return normalize(some, Normalization(lowercase=lowercase))

    return normalize_with_origins(strings, usual, normalized, tf.identity, lowercase)


def test_example_of_the_docstring():
    found = origins(["a\u0301\u200bb"], [False])
    assert [string.decode() for string in found.strings.numpy()] == ["áb"]
    assert found.starts.numpy().tolist() == [0, 3]
    assert found.ends.numpy().tolist() == [2, 4]


def test_usual_strings_are_mapped_one_to_one_among_others():
    found = origins(["가A", "İ\u200b나", "", "다"], [True, False, True, True], lowercase=True)
    assert [string.decode() for string in found.strings.numpy()] == ["가a", "i̇나", "", "다"]
    assert found.starts.numpy().tolist() == [0, 1, 0, 0, 2, 0]
    assert found.ends.numpy().tolist() == [1, 2, 1, 1, 3, 1]


def test_bytes_become_characters_and_white_space_is_left_out():
    found = origins(["가 나다", "라"], [True, True])
    starts = tf.ragged.constant([[0, 3, 7], [0]], tf.int64)
    ends = tf.ragged.constant([[3, 7, 10], [3]], tf.int64)
    starts, ends = to_origin(found, starts, ends)
    assert starts.to_list() == [[0, 2, 3], [0]]
    assert ends.to_list() == [[1, 3, 4], [1]]


def test_a_piece_of_nothing_but_white_space_is_empty():
    found = origins(["가 나"], [True])
    starts, ends = to_origin(
        found, tf.ragged.constant([[3, 4]], tf.int64), tf.ragged.constant([[4, 4]], tf.int64)
    )
    assert (starts.to_list(), ends.to_list()) == ([[1, 2]], [[1, 2]])
