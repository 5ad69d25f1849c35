"""Pretraining with an enhanced mask decoder: packed rows, gradients, saving, refusals."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.layers.heads.decoder_positions import DecoderPositions
from kortf.train.programs.pretraining import Pretraining
from tests.harness.objectives.draws import row_seeds

SIZES = {
    "vocabulary_size": 20, "num_layers": 2, "num_heads": 2, "hidden_dim": 8, "max_length": 8,
    "intermediate_dim": 12, "position_buckets": 4, "init_scale": 0.3,
}  # fmt: skip
IDS = np.array([[2, 5, 6, 7, 3, 0, 0, 0], [2, 7, 8, 9, 10, 11, 12, 3]], np.int32)


def encoder(**settings):
    keras.utils.set_random_seed(0)
    return models.build("deberta", **SIZES | settings)


def program(name: str, **settings) -> Pretraining:
    made = encoder(**settings)
    recipe = [objectives.build(name, enhanced_decoder=True)]
    recipe[0].build(made)
    return Pretraining(made, recipe)


def batch() -> dict:
    return {
        "token_ids": tf.constant(IDS), "padding_mask": tf.constant(IDS > 0),
        "mask_positions": tf.constant([[1, 3], [2, 5]]), "mask_ids": tf.constant([[5, 9], [8, 4]]),
        "mask_weights": tf.ones([2, 2]), "mask_candidates": tf.constant([3, 6]),
        "draw_seed": row_seeds(2),
    }  # fmt: skip


def test_packed_rows_are_decoded_as_alone():
    made = encoder()
    table = DecoderPositions.over(made)
    packed = {
        "token_ids": tf.constant([[2, 5, 6, 3, 2, 9, 3, 0]]),
        "padding_mask": tf.constant([[1] * 7 + [0]]),
        "pack_ids": tf.constant([[1, 1, 1, 1, 2, 2, 2, 0]]),
    }
    found = made(table.added(packed))["decoded"][0]
    for first, last in ((0, 4), (4, 7)):
        ids = packed["token_ids"][:, first:last]
        alone = {"token_ids": ids, "padding_mask": tf.ones_like(ids)}
        expected = made(table.added(alone))["decoded"][0]
        np.testing.assert_allclose(found[first:last], expected, atol=1e-6)


@pytest.mark.parametrize("name", ["masked_lm", "replaced_token"])
@pytest.mark.parametrize("remat", [False, True])
def test_gradients_reach_the_positions_and_all_layers(name, remat):
    made = program(name, remat=remat, dropout=0.1)
    with tf.GradientTape() as tape:
        scores = made.score(batch(), tf.constant([1, 2]))
        loss = tf.add_n(list(scores.losses.values()))
    variables = made.variables()
    assert "decoder_positions/embeddings" in variables
    found = dict(zip(variables, tape.gradient(loss, list(variables.values())), strict=True))
    # The embedding of the discriminator has a loss of its own; a pair has no score here.
    missing = [key for key, value in found.items() if value is None]
    assert missing == []
    table = tf.convert_to_tensor(found["decoder_positions/embeddings"])
    assert (tf.reduce_max(tf.abs(table), axis=1) > 0).numpy().any()


def test_recomputed_layers_give_the_same_gradients():
    gradients = []
    for remat in (False, True):
        made = program("masked_lm", remat=remat, dropout=0.2)
        with tf.GradientTape() as tape:
            loss = made.score(batch(), tf.constant([1, 2])).losses["masked_lm"]
        weights = made.encoder.layers.layers[-1].trainable_variables
        gradients.append(tape.gradient(loss, [weight.value for weight in weights]))
    for one, other in zip(*gradients, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_directory_holds_the_encoder_without_the_head(tmp_path, caplog):
    made = program("masked_lm")
    made.save(str(tmp_path / "model"))
    config = json.loads((tmp_path / "model" / "config.json").read_text())
    assert config["architectures"] == ["DebertaV2Model"]
    assert config["position_biased_input"] is False
    other = program("masked_lm")
    other.load(str(tmp_path / "model"))
    assert "start anew" in caplog.text
    one, two = (each.encoder.trainable_variables for each in (made, other))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("name", ["masked_lm", "replaced_token"])
@pytest.mark.parametrize("model, others", [
    ("bert", {"position_buckets": None}), ("deberta", {"absolute_positions": True}),
])  # fmt: skip
def test_an_encoder_without_the_decoder_or_with_positions_is_refused(name, model, others):
    settings = {key: value for key, value in (SIZES | others).items() if value is not None}
    with pytest.raises(ValueError, match="enhanced_decoder=True: "):
        objectives.build(name, enhanced_decoder=True).build(models.build(model, **settings))
