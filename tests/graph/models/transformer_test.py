"""Options that every encoder takes: rotary positions, gates, shared layers, recomputation."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers.attention.rotary import rotate, rotation

SIZES = {
    "vocabulary_size": 30, "num_layers": 2, "num_heads": 2, "hidden_dim": 16, "max_length": 12,
    "init_scale": 0.3,
}  # fmt: skip
IDS = np.random.default_rng(0).integers(5, 30, (2, 10)).astype(np.int32)


def batch(ids=IDS, **others):
    return {"token_ids": tf.constant(ids), "padding_mask": tf.ones_like(ids), **others}


def gradients(**settings):
    keras.utils.set_random_seed(0)
    encoder = models.build("bert", **SIZES, **settings)
    variables = [v.value for v in encoder.trainable_variables]

    @tf.function
    def run():
        with tf.GradientTape() as tape:
            outputs = encoder(batch(), seed=tf.constant([1, 2]))
            loss = tf.reduce_sum(outputs["sequence"] ** 2) + tf.reduce_sum(outputs["pooled"])
        return [tf.convert_to_tensor(g) for g in tape.gradient(loss, variables)]

    return run()


@pytest.mark.parametrize("norm", [pytest.param("post", marks=pytest.mark.exhaustive), "pre"])
def test_recomputing_changes_no_gradient(norm):
    kept, recomputed = gradients(norm=norm), gradients(norm=norm, remat=True)
    for one, other in zip(kept, recomputed, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


def test_rotate():
    x = tf.constant([[[[1.0, 0.0], [1.0, 0.0]]]])
    turned = rotate(x, rotation(tf.constant([[0, 1]]), 2))
    np.testing.assert_allclose(turned, [[[[1.0, 0.0], [0.5403, 0.8415]]]], atol=1e-4)


def test_rotated_products_depend_on_the_distance_alone():
    query, key = (tf.random.stateless_normal([1, 1, 1, 8], [i, 0]) for i in (1, 2))

    def product(here, there):
        turned = rotate(query, rotation(tf.constant([[here]]), 8))
        return float(tf.reduce_sum(turned * rotate(key, rotation(tf.constant([[there]]), 8))))

    assert product(3, 1) == pytest.approx(product(40, 38), abs=1e-4)
    assert product(3, 1) != pytest.approx(product(4, 1), abs=1e-3)


def test_the_gradient_of_rotate_turns_back():
    x, by = tf.random.stateless_normal([1, 2, 3, 4], [1, 2]), rotation(tf.range(3)[None], 4)
    theirs, ours = tf.test.compute_gradient(lambda x: tf.function(rotate)(x, by), [x])
    np.testing.assert_allclose(theirs[0], ours[0], atol=1e-2)


@pytest.mark.parametrize("name", ["bert", "albert", "electra"])
@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_packed_texts_do_not_see_each_other(name, positions):
    encoder = models.build(name, **SIZES, positions=positions)
    packs = tf.constant([[1] * 4 + [2] * 6] * 2)
    packed = encoder(batch(pack_ids=packs))["sequence"].numpy()
    np.testing.assert_allclose(packed[:, :4], encoder(batch(IDS[:, :4]))["sequence"], atol=1e-5)
    np.testing.assert_allclose(packed[:, 4:], encoder(batch(IDS[:, 4:]))["sequence"], atol=1e-5)


@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_a_causal_encoder_sees_nothing_that_follows(positions):
    encoder = models.build("gpt", **SIZES, positions=positions)
    changed = IDS.copy()
    changed[:, 6:] = 7
    before, after = (encoder(batch(ids))["sequence"].numpy() for ids in (IDS, changed))
    assert (before[:, :6] == after[:, :6]).all() and (before[:, 6:] != after[:, 6:]).any()


def test_the_summary_of_a_causal_encoder_is_its_last_token():
    encoder = models.build("gpt", **SIZES)
    mask = tf.sequence_mask([10, 4], 10)
    outputs = encoder({"token_ids": tf.constant(IDS), "padding_mask": mask})
    assert (outputs["pooled"][1] == outputs["sequence"][1, 3]).numpy().all()


def test_albert_shares_its_layers():
    one = models.build("albert", **SIZES)
    two = models.build("albert", **SIZES, num_groups=2)
    assert len(one.layers.layers) == 1 and len(two.layers.layers) == 2
    with pytest.raises(ValueError, match="num_groups=3 does not divide num_layers=2"):
        models.build("albert", **SIZES, num_groups=3)


def test_gates_are_a_product():
    keras.utils.set_random_seed(0)
    encoder = models.build("bert", **SIZES, feed_forward="glu", activation="relu")
    layer = encoder.layers.layers[0].feed_forward
    x = np.random.default_rng(1).normal(size=(3, 16)).astype(np.float32)
    kernel = layer.intermediate_kernel.numpy()
    assert kernel.shape == (16, 2 * 64)
    inner = np.maximum(x @ kernel[:, :64], 0) * (x @ kernel[:, 64:])
    np.testing.assert_allclose(layer(x), inner @ layer.output_kernel.numpy(), atol=1e-4)


@pytest.mark.parametrize(
    "settings, reason",
    [
        ({"positions": "sine"}, "positions='sine': choose one of learned, rotary"),
        ({"feed_forward": "moe"}, "feed_forward='moe': choose one of mlp, glu"),
        ({"activation": "swish"}, "activation='swish': choose one of"),
        ({"hidden_dim": 6, "positions": "rotary"}, "even size"),
    ],
)
def test_wrong_options_are_named(settings, reason):
    with pytest.raises(ValueError, match=reason):
        models.build("bert", **SIZES | settings)(batch())
