"""The LSH attention layer: against full attention, a slow twin, and itself."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf.layers.attention.key_value_cache import KeyValueCache
from kortf.layers.lsh import random_rotations
from kortf.layers.lsh.continuing import continuing_bias, near_in_bucket, near_in_chunks
from kortf.layers.lsh.self_attention import LSHContext, LSHSelfAttention
from tests.reference import lsh as reference

BATCH, LENGTH, DIM, HEADS = 2, 22, 16, 2
SEEDS = tf.constant([[1, 2], [3, 4]])
X = np.random.default_rng(0).normal(size=(BATCH, LENGTH, DIM)).astype(np.float32)


def context(groups=None, seeds=SEEDS, length=LENGTH, **others) -> LSHContext:
    groups = np.ones([BATCH, length], np.int32) if groups is None else groups
    return LSHContext(tf.constant(groups), int(groups.max()), seeds, **others)


def make(**settings) -> LSHSelfAttention:
    keras.utils.set_random_seed(0)
    usual = {"num_hashes": 3, "bucket_size": 4, "full_attention_length": 0, "init_scale": 0.5}
    layer = LSHSelfAttention(HEADS, **usual | settings)
    layer.build((None, None, DIM))
    layer.output_bias.assign(np.random.default_rng(1).normal(size=DIM))
    return layer


def split_heads(x):
    return x.reshape(BATCH, -1, HEADS, DIM // HEADS).transpose(0, 2, 1, 3)


def twin(layer, x, groups, seeds=SEEDS):
    """The layer, head by head and query by query."""
    size, length = layer.bucket_size, x.shape[1]
    padded = -(-length // size) * size
    x = np.pad(x, [[0, 0], [0, padded - length], [0, 0]])
    groups = np.pad(groups, [[0, 0], [0, padded - length]], constant_values=-1)
    query, value = (
        split_heads(x @ k.numpy()) for k in (layer.query_key_kernel, layer.value_kernel)
    )
    chunks = padded // size
    buckets = layer.num_buckets or (1 if chunks == 1 else chunks + chunks % 2)
    local = layer.num_local_heads
    rotations = random_rotations(seeds, HEADS - local, DIM // HEADS, layer.num_hashes, buckets)
    result = np.zeros_like(value)
    for b in range(BATCH):
        for h in range(HEADS):
            in_order = np.zeros((1, padded), int) if h < local else None
            of_head = None if h < local else rotations[b, h - local].numpy()
            ends = groups[b] * 0 + 1 if h < local else groups[b]
            by_bucket = layer.causal and h >= local
            seen = reference.seen_by_round(
                query[b, h], of_head, ends, size, layer.causal, by_bucket, layer.look_ahead,
                buckets=in_order,
            )  # fmt: skip
            seen = [
                [
                    {j for j in mine if groups[b][j] == groups[b][i]}
                    for i, mine in enumerate(of_round)
                ]
                for of_round in seen
            ]
            keys = reference.unit(query[b, h]) * (DIM // HEADS) ** -0.5
            result[b, h] = reference.attention(query[b, h], keys, value[b, h], seen)
    merged = result.transpose(0, 2, 1, 3).reshape(BATCH, padded, DIM)[:, :length]
    return merged @ layer.output_kernel.numpy() + layer.output_bias.numpy()


PACKED = np.array([[1] * 9 + [2] * 13, [1] * 18 + [0] * 4], np.int32)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("settings", [{}, {"num_local_heads": 1}, {"num_local_heads": 2},
                                      {"num_buckets": 2}, {"num_buckets": 1}])  # fmt: skip
def test_the_layer_is_its_slow_twin(causal, settings):
    layer = make(causal=causal, **settings)
    found, _ = layer(X, context=context(PACKED))
    np.testing.assert_allclose(found, twin(layer, X, PACKED), atol=1e-5)


@pytest.mark.parametrize("causal", [False, True])
def test_one_bucket_is_full_attention(causal):
    hashed = make(causal=causal, bucket_size=32)
    full = make(causal=causal, full_attention_length=32)
    expected, plan = full(X, context=context(PACKED))
    assert plan is None
    np.testing.assert_allclose(hashed(X, context=context(PACKED))[0], expected, atol=1e-5)
    np.testing.assert_allclose(expected, twin(hashed, X, PACKED), atol=1e-5)


def test_agreement_with_full_attention_rises_with_the_rounds():
    rng = np.random.default_rng(2)
    length, clusters = 128, 16
    centres = rng.normal(size=(clusters, DIM)) * 3
    x = centres[rng.integers(0, clusters, (BATCH, length))] + rng.normal(size=(BATCH, length, DIM))
    x = x.astype(np.float32)
    full, _ = make(full_attention_length=length, init_scale=1.0)(x, context=context(length=length))
    apart = []
    for rounds in (1, 2, 4, 8):
        layer = make(num_hashes=rounds, bucket_size=8, init_scale=1.0)
        draws = [
            layer(x, context=context(seeds=tf.constant([[i, 0], [i, 1]]), length=length))[0]
            for i in range(4)
        ]
        apart.append(np.mean([np.mean((draw - full) ** 2) for draw in draws]))
    assert sorted(apart, reverse=True) == apart and apart[-1] < 0.5 * apart[0]


@pytest.mark.parametrize("settings", [{}, {"num_local_heads": 1}, {"num_buckets": 2}])
def test_what_follows_changes_nothing_before(settings):
    layer = make(causal=True, **settings)
    before, _ = layer(X, context=context())
    for place in range(1, LENGTH):
        changed = X.copy()
        changed[:, place:] = np.random.default_rng(place).normal(size=changed[:, place:].shape)
        after, _ = layer(changed, context=context())
        np.testing.assert_allclose(after[:, :place], before[:, :place], atol=1e-6)
        assert np.abs(after[:, place:] - before[:, place:]).max() > 1e-3


@pytest.mark.parametrize("causal", [False, True])
def test_nothing_crosses_packs_or_comes_out_of_padding(causal):
    layer = make(causal=causal, num_local_heads=1)
    before = layer(X, context=context(PACKED))[0].numpy()
    for row, group in ((0, 1), (0, 2), (1, 0)):
        changed = X.copy()
        there = PACKED[row] == group
        changed[row, there] = np.random.default_rng(3).normal(size=changed[row, there].shape)
        after = layer(changed, context=context(PACKED))[0].numpy()
        np.testing.assert_allclose(after[row, ~there], before[row, ~there], atol=1e-6)


def test_rotations_are_of_the_row_and_a_plan_is_kept():
    layer = make()
    one, plan = layer(X, context=context())
    other, _ = layer(X, context=context(seeds=SEEDS + 7))
    again, _ = layer(X, context=context(seeds=SEEDS + 7), plan=plan)
    assert np.abs(one - other).max() > 1e-3
    assert (again.numpy() == one.numpy()).all()
    turned, _ = layer(X[::-1], context=context(seeds=SEEDS[::-1]))
    np.testing.assert_allclose(turned[::-1], one, atol=1e-6)


def test_slices_of_heads_change_nothing():
    found, _ = make(attention_chunks=2)(X, context=context(PACKED))
    np.testing.assert_allclose(found, make()(X, context=context(PACKED))[0], atol=1e-6)


@pytest.mark.parametrize(
    "settings", [{}, {"num_local_heads": 1}, {"num_buckets": 2}, {"full_attention_length": 99}]
)
def test_a_text_is_continued_as_a_whole_row_would_be(settings):
    layer = make(causal=True, **settings)
    whole, _ = layer(X, context=context())
    empty = tf.zeros([BATCH, HEADS, LENGTH, DIM // HEADS])
    pairs, found = [(empty, empty)], []
    for start, end in ((0, 9), (9, 10), (10, 11), (11, 22)):
        cache = KeyValueCache(pairs, start)
        part, _ = layer(X[:, start:end], context=LSHContext(None, 1, SEEDS, None, cache, LENGTH))
        pairs = cache.pairs
        found.append(part)
    np.testing.assert_allclose(tf.concat(found, axis=1), whole, atol=1e-5)


def test_continuing():
    np.testing.assert_allclose(continuing_bias(2, 1, 4), [[0.0, 0.0, -1e5, -1e9]])
    near = near_in_bucket([[1, 1, 0, 1, 1]], 4, 1, 2)
    assert near.numpy().tolist() == [[False, True, False, True, True]]
    near = near_in_chunks(4, 1, 6, 2)
    assert near.numpy().tolist() == [[False, False, True, True, True, True]]


@pytest.mark.parametrize(
    "dtype", [pytest.param("float32", marks=pytest.mark.exhaustive), "mixed_bfloat16"]
)
def test_the_layer_compiles(dtype):
    layer = make(dtype=dtype, num_local_heads=1, attention_chunks=1)

    def run(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            found, _ = layer(x, context=context(PACKED), seed=tf.constant([1, 2]))
            total = tf.reduce_sum(tf.cast(found, tf.float32) ** 2)
        return total, tape.gradient(total, x)

    x = tf.constant(X)
    compiled, plain = (
        tf.function(run, jit_compile=True, autograph=False)(x),
        tf.function(run, autograph=False)(x),
    )
    for one, other in zip(compiled, plain, strict=True):
        assert one.dtype == tf.float32
        error = tf.norm(one - other) / tf.norm(other)
        assert error < (1e-4 if dtype == "float32" else 0.1)


@pytest.mark.parametrize(
    "settings, reason",
    [
        ({"num_local_heads": 3}, "num_local_heads=3 of num_heads=2: choose 0 to 2"),
        ({"num_hashes": 0}, "num_hashes=0: choose 1 or more"),
        ({"bucket_size": 0}, "bucket_size=0: choose 1 or more"),
        ({"num_buckets": 0}, "num_buckets=0 is neither even nor 1: choose 1 or more"),
        ({"num_buckets": 5}, "num_buckets=5 is neither even nor 1: choose 4 or 6"),
        ({"attention_chunks": 0}, "attention_chunks=0: choose 1 or more"),
    ],
)
def test_wrong_settings_are_named(settings, reason):
    with pytest.raises(ValueError, match=reason):
        make(**settings)
