"""Parts of strings by characters: the worked example, and what Python cuts."""

import numpy as np
import tensorflow as tf

from kortf.text.unicode.slices import cut
from tests.harness.text import korean


def words(tensor):
    return [word.decode() for word in tensor.numpy()]


def test_example():
    strings = tf.constant(["세종대왕이", "서울에"])
    found = cut(strings, tf.constant([0, 1, 1]), tf.constant([0, 0, 2]), tf.constant([4, 2, 2]))
    assert words(found) == ["세종대왕", "서울", ""]


def test_as_python_cuts():
    rng = np.random.default_rng(0)
    texts = korean.CORPUS + korean.NASTY
    owners = rng.integers(0, len(texts), 200).astype(np.int32)
    ends = np.array([rng.integers(0, len(texts[i]) + 1) for i in owners], np.int32)
    starts = np.array([rng.integers(0, end + 1) for end in ends], np.int32)
    found = words(cut(tf.constant(texts), owners, starts, ends))
    assert found == [texts[i][a:b] for i, a, b in zip(owners, starts, ends, strict=True)]
    nothing = tf.zeros([0], tf.int32)
    assert words(cut(tf.constant(texts), nothing, nothing, nothing)) == []
