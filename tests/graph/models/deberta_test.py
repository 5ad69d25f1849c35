"""DeBERTa: relative positions by a skew, packed rows, recomputation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers.attention.disentangled import DisentangledSelfAttention, log_buckets

SIZES = {
    "vocabulary_size": 50, "num_layers": 2, "num_heads": 2, "hidden_dim": 16, "max_length": 32,
    "position_buckets": 8, "init_scale": 0.3,
}  # fmt: skip


def make(**settings):
    keras.utils.set_random_seed(0)
    return models.build("deberta", **SIZES | settings)


def encode(encoder, ids, **others):
    ids = tf.constant(ids, tf.int32)
    return encoder({"token_ids": ids, "padding_mask": tf.ones_like(ids), **others})["sequence"]


def test_buckets_widen_with_the_distance():
    found = log_buckets(32, 8, 32)
    np.testing.assert_array_equal(found, -found[::-1])
    far = found[31:]
    assert far[:5].tolist() == [0, 1, 2, 3, 4] and far[-1] == 7
    assert (np.diff(far) >= 0).all()
    np.testing.assert_array_equal(log_buckets(4, 0, 4), np.arange(-3, 4))


def test_scores_are_those_of_the_definition():
    layer = DisentangledSelfAttention(2, shared_key=False, dropout=0.0, init_scale=0.5)
    layer.build((None, 5, 8))
    draw = np.random.default_rng(0)
    x, vectors = draw.normal(size=(1, 5, 8)).astype(np.float32), draw.normal(size=(9, 8))
    vectors = tf.constant(vectors, tf.float32)

    def product(values, part):
        kernel, bias = (getattr(layer, f"{part}_{kind}").numpy() for kind in ("kernel", "bias"))
        return np.reshape(values @ kernel + bias, (-1, 2, 4))

    query, key, value = (product(x[0], part) for part in ("query", "key", "value"))
    queries = product(vectors.numpy(), "position_query")
    keys = product(vectors.numpy(), "position_key")
    found = np.zeros((5, 2, 4))
    for head in range(2):
        for i in range(5):
            scores = [
                query[i, head] @ key[j, head]
                + query[i, head] @ keys[4 + i - j, head]
                + key[j, head] @ queries[4 + i - j, head]
                for j in range(5)
            ]
            shares = np.exp(np.array(scores) / (3 * 4) ** 0.5)
            found[i, head] = (shares / shares.sum()) @ value[:, head]
    expected = found.reshape(5, 8) @ layer.output_kernel.numpy() + layer.output_bias.numpy()
    np.testing.assert_allclose(layer(x, bias=0.0, vectors=vectors)[0], expected, atol=1e-5)


def test_packed_examples_are_encoded_as_if_alone():
    encoder = make(absolute_positions=True)
    draw = np.random.default_rng(0)
    parts = [draw.integers(0, 50, (1, n)) for n in (7, 12, 1)]
    packs = np.concatenate([np.full_like(part, i + 1) for i, part in enumerate(parts)], axis=1)
    packed = encode(encoder, np.concatenate(parts, axis=1), pack_ids=tf.constant(packs, tf.int32))
    alone = tf.concat([encode(encoder, part) for part in parts], axis=1)
    np.testing.assert_allclose(packed, alone, atol=1e-5)


def test_buckets_out_of_range_are_refused():
    with pytest.raises(ValueError, match="position_buckets"):
        make(position_buckets=16, max_distance=8)
