"""ModernBERT: both kinds of attention, packed rows, long rows, recomputation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers import modernbert as layers
from kortf.models import modernbert

SIZES = {
    "vocabulary_size": 50, "num_layers": 4, "num_heads": 2, "hidden_dim": 16,
    "intermediate_dim": 24, "window": 8, "init_scale": 0.3,
}  # fmt: skip


def make(**settings):
    keras.utils.set_random_seed(0)
    return models.build("modernbert", **SIZES | settings)


def encode(encoder, ids, visibility=None, **others):
    ids = tf.constant(ids, tf.int32)
    batch = {"token_ids": ids, "padding_mask": tf.ones_like(ids), **others}
    run = tf.function(
        lambda batch: encoder(batch, visibility=visibility)["sequence"], autograph=False
    )
    return run(batch)


@pytest.mark.parametrize("visibility", [None, "causal"])
def test_packed_examples_are_encoded_as_if_alone(visibility):
    encoder = make()
    draw = np.random.default_rng(0)
    parts = [draw.integers(0, 50, (1, n)) for n in (21, 30, 5)]
    packs = np.concatenate([np.full_like(part, i + 1) for i, part in enumerate(parts)], axis=1)
    packs = tf.constant(packs, tf.int32)
    packed = encode(encoder, np.concatenate(parts, axis=1), visibility, pack_ids=packs)
    alone = tf.concat([encode(encoder, part, visibility) for part in parts], axis=1)
    np.testing.assert_allclose(packed, alone, atol=1e-5)


@pytest.mark.parametrize("visibility", [None, "causal"])
def test_long_rows_are_encoded_as_short_ones(monkeypatch, visibility):
    encoder = make()
    ids = np.random.default_rng(0).integers(0, 50, (2, 60))
    short = encode(encoder, ids, visibility)
    monkeypatch.setattr(modernbert, "LONG_ROW", 32)
    monkeypatch.setattr(layers, "CHUNK", 16)
    np.testing.assert_allclose(encode(encoder, ids, visibility), short, atol=1e-5)


@pytest.mark.usefixtures("quick_graph")  # a graph for each length
@pytest.mark.parametrize("length", [10, 40])  # the local layers take a mask, then a band
def test_the_causal_model_is_that_of_each_row_cut_off_behind_a_position(length):
    encoder = make()
    ids = np.random.default_rng(1).integers(0, 50, (2, length))
    whole = encode(encoder, ids, "causal")
    for end in range(1, length + 1, 3):
        part = encode(encoder, ids[:, :end], "causal")
        np.testing.assert_allclose(whole[:, :end], part, atol=1e-5)
    padded = tf.constant(np.arange(length)[None] < [[length - 3], [4]], tf.int32)
    found = encode(encoder, ids, "causal", padding_mask=padded)
    np.testing.assert_allclose(found[0, :-3], whole[0, :-3], atol=1e-5)
    np.testing.assert_allclose(found[1, :4], whole[1, :4], atol=1e-5)
    # It is another function than the usual one.
    assert np.abs(encode(encoder, ids)[:, 0] - whole[:, 0]).max() > 1e-3


def test_local_layers_do_not_see_past_half_a_window():
    encoder = make(num_layers=2, global_every=5)  # one global layer, then one local
    ids = np.random.default_rng(0).integers(0, 50, (1, 60))
    changed = ids.copy()
    changed[0, 0] = (ids[0, 0] + 1) % 50
    layer = encoder.layers.layers[1].attention
    assert layer.local and not encoder.layers.layers[0].attention.local
    x = tf.random.stateless_normal([1, 60, 16], [1, 2])
    context = encoder._context(
        {"token_ids": tf.constant(ids), "padding_mask": tf.ones([1, 60], tf.int32)}
    )
    before = layer(x, context=context)
    after = layer(tf.tensor_scatter_nd_add(x, [[0, 0]], [tf.ones(16)]), context=context)
    moved = np.abs(before - after).max(axis=(0, 2)) > 1e-6
    assert moved[:5].all() and not moved[5:].any()


@pytest.mark.exhaustive
def test_recomputing_changes_no_gradient():
    def gradients(**settings):
        encoder = make(**settings)
        variables = [v.value for v in encoder.trainable_variables]
        ids = tf.constant(np.random.default_rng(0).integers(0, 50, (2, 40)), tf.int32)

        @tf.function(autograph=False)
        def run():
            with tf.GradientTape() as tape:
                batch = {"token_ids": ids, "padding_mask": tf.ones_like(ids)}
                loss = tf.reduce_sum(encoder(batch, seed=tf.constant([1, 2]))["sequence"] ** 2)
            return [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]

        return run()

    rates = {"dropout": 0.2, "embedding_dropout": 0.2, "attention_dropout": 0.2}
    for one, other in zip(gradients(**rates), gradients(remat=True, **rates), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


@pytest.mark.parametrize("settings", [{"window": 7}, {"window": 0}, {"global_every": 0}])
def test_settings_out_of_range_are_refused(settings):
    with pytest.raises(ValueError, match=next(iter(settings))):
        make(**settings)
