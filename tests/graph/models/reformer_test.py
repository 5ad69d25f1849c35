"""The Reformer: what it sees, what it draws, how it continues a text, what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.layers.attention.axial import AxialPositions, axial_shape
from kortf.models.generation import Sampling, generate

NAMES = ("reformer", "causal_reformer")
EXHAUSTIVE = pytest.mark.exhaustive
POSITIONS = ("axial", "learned", "rotary")
IDS = np.random.default_rng(0).integers(5, 30, (2, 22)).astype(np.int32)
PACKS = np.array([[1] * 8 + [2] * 14, [1] * 18 + [0] * 4], np.int32)


def make(name="reformer", **settings):
    keras.utils.set_random_seed(0)
    sizes = {
        "vocabulary_size": 30, "num_layers": 2, "num_heads": 2, "hidden_dim": 16, "max_length": 22,
        "init_scale": 0.3, "bucket_size": 4, "num_hashes": 3, "full_attention_length": 0,
    }  # fmt: skip
    return models.build(name, **sizes | settings)


def batch(ids=IDS, **others):
    return {"token_ids": tf.constant(ids), "padding_mask": tf.ones_like(ids), **others}


def sequence(encoder, seed=None, **features):
    return encoder(batch(**features), seed=seed)["sequence"].numpy()


def test_axial_shape():
    found = axial_shape(512), axial_shape(5056), axial_shape(521), axial_shape(512, rows=8)
    assert found == ((16, 32), (64, 79), (22, 24), (8, 64))
    for length in range(1, 200):
        rows, columns = axial_shape(length)
        assert length <= rows * columns < length + rows
        assert axial_shape(length, columns=columns)[0] * columns >= length


def test_axial_positions_are_of_their_row_and_column():
    layer = AxialPositions(2, 3, keras.initializers.RandomNormal())
    layer.build(5)
    found = layer(tf.constant([[4, 2]])).numpy()
    rows, columns = layer.rows.numpy(), layer.columns.numpy()
    assert rows.shape == (2, 2) and columns.shape == (3, 3)
    np.testing.assert_array_equal(found[0, 0], [*rows[1], *columns[1]])
    np.testing.assert_array_equal(found[0, 1], [*rows[0], *columns[2]])


@pytest.mark.parametrize("positions", POSITIONS)
@pytest.mark.parametrize("name", NAMES)
def test_packs_and_padding_do_not_show_in_other_texts(name, positions):
    encoder = make(name, positions=positions)
    before = sequence(encoder, pack_ids=PACKS)
    for row, pack in ((0, 1), (0, 2), (1, 0)):
        changed, there = IDS.copy(), PACKS[row] == pack
        changed[row, there] = 5 + (changed[row, there] * 7) % 25
        after = sequence(encoder, ids=changed, pack_ids=PACKS)
        np.testing.assert_allclose(after[row, ~there], before[row, ~there], atol=1e-5)
        assert np.abs(after[row, there] - before[row, there]).max() > 1e-2


@pytest.mark.parametrize("positions", POSITIONS)
def test_packed_texts_are_what_they_are_alone_where_all_keys_are_seen(positions):
    encoder = make(full_attention_length=22, positions=positions)
    packed = sequence(encoder, pack_ids=PACKS)
    np.testing.assert_allclose(packed[:1, :8], sequence(encoder, ids=IDS[:1, :8]), atol=1e-5)
    np.testing.assert_allclose(packed[:1, 8:], sequence(encoder, ids=IDS[:1, 8:]), atol=1e-5)


@pytest.mark.parametrize("settings", [{}, {"num_local_heads": 1}, {"full_attention_length": 99}])
def test_a_causal_reformer_sees_nothing_that_follows(settings):
    encoder = make("causal_reformer", **settings)
    before = sequence(encoder)
    for place in range(1, 22, 4):
        changed = IDS.copy()
        changed[:, place:] = 5 + (changed[:, place:] * 11) % 25
        after = sequence(encoder, ids=changed)
        np.testing.assert_allclose(after[:, :place], before[:, :place], atol=1e-5)
        assert np.abs(after[:, place:] - before[:, place:]).max() > 1e-2


def test_rotations_are_new_in_training_and_the_row_s_own():
    encoder, seed = make(dropout=0.0), tf.constant([1, 2])
    served = sequence(encoder)
    assert (served == sequence(encoder, draw_seed=tf.constant([[5, 6], [7, 8]]))).all()
    one = sequence(encoder, seed, draw_seed=tf.constant([[5, 6], [7, 8]]))
    other = sequence(encoder, seed, draw_seed=tf.constant([[5, 6], [9, 9]]))
    assert np.abs(one - served).max() > 1e-3
    np.testing.assert_allclose(one[0], other[0], atol=1e-5)
    assert np.abs(one[1] - other[1]).max() > 1e-3
    alone = sequence(encoder, seed, ids=IDS[1:], draw_seed=tf.constant([[7, 8]]))
    np.testing.assert_allclose(alone[0], one[1], atol=1e-5)  # as on another replica
    assert np.abs(sequence(encoder, seed) - sequence(encoder, seed + 1)).max() > 1e-3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "length", [1, pytest.param(3, marks=EXHAUSTIVE), 9, pytest.param(22, marks=EXHAUSTIVE)]
)
def test_any_length_up_to_the_greatest_will_do(name, length):
    for settings in ({}, {"num_local_heads": 1}, {"full_attention_length": 9}):
        encoder = make(name, **settings)
        found = sequence(encoder, ids=IDS[:, :length])
        assert found.shape == (2, length, 16) and np.isfinite(found).all()


@pytest.mark.parametrize("settings", [{}, {"full_attention_length": 22}])
def test_rows_of_a_length_that_is_not_known_yet(settings):
    encoder = make(**settings)
    whole = np.pad(IDS[:, :22], [[0, 0], [0, 0]])

    @tf.function(input_signature=[tf.TensorSpec([None, None], tf.int32)], autograph=False)
    def run(ids):
        return encoder({"token_ids": ids, "padding_mask": ids > 0})["sequence"]

    np.testing.assert_allclose(run(whole), sequence(encoder, ids=whole), atol=1e-5)
    assert run(IDS[:1, :5]).shape == (1, 5, 16)


@pytest.mark.parametrize(
    "positions, settings",
    [
        pytest.param(
            positions, settings, marks=EXHAUSTIVE if settings and positions != "axial" else []
        )
        for positions in POSITIONS
        for settings in ({}, {"num_local_heads": 1}, {"full_attention_length": 99})
    ],
)
def test_a_text_is_continued_as_the_whole_would_be_read(positions, settings):
    encoder = make("causal_reformer", positions=positions, **settings)
    whole = sequence(encoder)
    for length in (22, 13):  # of the cache, which must not matter
        pairs, found = encoder.start_cache(2, length), []
        for start, end in ((0, 9), (9, 10), (10, length)):
            part, pairs = encoder.decode(tf.constant(IDS[:, start:end]), pairs, start)
            found.append(part)
        np.testing.assert_allclose(tf.concat(found, axis=1), whole[:, :length], atol=1e-5)


def test_it_generates():
    encoder = make("causal_reformer")
    prompts = tf.ragged.constant([[2, 7, 9], [2, 8, 6, 5, 11]], dtype=tf.int32)

    def score(x):
        return encoder.token_embedding.logits(x, tf.zeros([30]))

    greedy = Sampling(temperature=0.0)
    found = generate(encoder, score, prompts, 12, 16, 3, 0, tf.zeros([30], tf.bool), greedy).numpy()
    for row, begin in zip(found, (3, 5), strict=True):
        for place in range(begin, min(begin + 12, 16)):
            if row[place - 1] in (0, 3):
                break
            text = np.zeros([1, 22], np.int32)
            text[0, :place] = row[:place]
            x = encoder({"token_ids": text, "padding_mask": tf.ones_like(text)})["sequence"]
            assert row[place] == int(tf.argmax(score(x[:, place - 1]), axis=1)[0])


@pytest.mark.parametrize(
    "settings, reason",
    [
        ({"norm": "post"}, "norm='post': a reversible layer normalises first; choose 'pre'"),
        ({"positions": "sine"}, "positions='sine': choose one of axial, learned, rotary"),
        ({"num_heads": 3},
         "num_heads=3 does not divide hidden_dim=16: choose num_heads among 1, 2, 4, 8, 16"),
        ({"max_length": 2**19, "bucket_size": 64},
         "bucket_size=64 makes 8192 buckets of max_length=524288, too many to sort by 32 bits: "
         "choose bucket_size=258 or more"),
        ({"max_length": 4096, "num_buckets": 2**20},
         "num_buckets=1048576 of max_length=4096 are too many to sort by 32 bits: "
         "choose num_buckets=524286 or less"),
        ({"streams": "sum"}, "streams='sum': choose one of mean, concatenated"),
        ({"bucket_size": 32}, "bucket_size=32 is more than max_length=22: choose bucket_size=2 or"),
        ({"axial_rows": 4, "axial_columns": 5},
         "axial_rows=4 times axial_columns=5 are 20 positions where max_length=22: choose "
         "axial_rows=4 and axial_columns=6"),
        ({"axial_rows": 0}, "axial_rows=0: must be a whole number"),
        ({"num_local_heads": 3}, "num_local_heads=3 of num_heads=2"),
    ],
)  # fmt: skip
def test_sizes_that_contradict_each_other_are_named(settings, reason):
    with pytest.raises(ValueError, match=reason):
        make(**settings)


@pytest.mark.exhaustive  # tests/end_to_end/train/tpu_gate_test.py compiles a step of the Reformer
@pytest.mark.parametrize("name", NAMES)
def test_a_training_step_compiles_as_a_whole(name):
    encoder, packs = make(name, num_layers=1), tf.constant(PACKS)
    objective = objectives.build("causal_lm" if encoder.causal else "masked_lm", chunks=2)
    objective.build(encoder)
    features = {
        "token_ids": tf.constant(IDS), "padding_mask": tf.cast(packs > 0, tf.int32),
        "pack_ids": packs, "segment_ids": tf.zeros_like(IDS),
        "draw_seed": tf.constant([[5, 6], [7, 8]]), "mask_positions": tf.constant([[1, 3]] * 2),
        "mask_ids": tf.constant([[7, 8]] * 2), "mask_weights": tf.ones([2, 2]),
        "mask_candidates": tf.constant([22, 18]),
    }  # fmt: skip
    if encoder.causal:
        features = objective.corrupt(features, None)
    weights = [variable.value for variable in encoder.trainable_variables]

    def step(features):
        with tf.GradientTape() as tape:
            outputs = encoder(features, seed=tf.constant([1, 2]))
            (loss,) = objective.score(outputs, features, None).losses.values()
        gradients = tape.gradient(loss, weights)
        return loss, *(tf.convert_to_tensor(found) for found in gradients if found is not None)

    compiled = tf.function(step, jit_compile=True, autograph=False)
    hlo = compiled.experimental_get_compiler_ir(features)(stage="hlo")
    assert "s64[" not in hlo and "u64[" not in hlo  # nothing is int64
    assert "<=" not in hlo  # no size depends on values
    for one, other in zip(compiled(features), step(features), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-4)
