"""Masked LM starts from the directory of a causal run."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.train.modernbert_recipe import modernbert
from kortf.train.programs.pretraining import Pretraining

SIZES = {
    "vocabulary_size": 20, "num_layers": 3, "num_heads": 2, "hidden_dim": 8,
    "intermediate_dim": 12, "window": 4, "init_scale": 0.3,
}  # fmt: skip


def program(seed: int, objective: str) -> Pretraining:
    keras.utils.set_random_seed(seed)
    encoder = models.build("modernbert", **SIZES)
    recipe = [objectives.build(objective)]
    recipe[0].build(encoder)
    return Pretraining(encoder, recipe)


def test_masked_lm_of_modernbert_starts_from_a_causal_directory(tmp_path):
    causal, masked = program(0, "causal_lm"), program(1, "masked_lm")
    assert causal.visibility == "causal" and masked.visibility == "bidirectional"
    causal.save(str(tmp_path / "model"))
    masked.load(str(tmp_path / "model"))
    ids = tf.constant([[2, 5, 6, 7, 9, 8, 7, 3]])
    batch = {"token_ids": ids, "padding_mask": tf.ones_like(ids)}
    for visibility in ("causal", "bidirectional"):
        one, other = (p.encoder(batch, visibility=visibility)["sequence"] for p in (causal, masked))
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_the_loss_of_causal_lm_depends_on_no_later_piece():
    made = program(0, "causal_lm")

    def loss(ids):
        batch = {"token_ids": tf.constant([ids]), "padding_mask": tf.ones([1, len(ids)], tf.int32)}
        features = made.corrupt(batch)
        features["next_weights"] *= [[1.0, 1.0, 1.0, 0.0, 0.0, 0.0]]
        return made.score(features, None).losses["causal_lm"].numpy()

    first = loss([2, 5, 6, 7, 9, 3])
    assert loss([2, 5, 6, 7, 11, 12]) == pytest.approx(first, abs=1e-6)
    assert abs(loss([2, 5, 8, 7, 9, 3]) - first) > 1e-3


@pytest.mark.parametrize("size", ["smoke", "mini", "base"])
def test_the_causal_option_changes_the_objective_alone(size):
    causal, masked = modernbert(f"{size},causal").to_dict(), modernbert(size).to_dict()
    assert [each["name"] for each in causal.pop("objectives")] == ["causal_lm"]
    assert [each["name"] for each in masked.pop("objectives")] == ["masked_lm"]
    assert causal == masked
    with pytest.raises(ValueError, match="option 'short'"):
        modernbert(f"{size},short")
