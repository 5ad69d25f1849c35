"""A phase of pretraining starts from the directory of the one before."""

import importlib
import logging

import keras
import numpy as np
import pytest
import tensorflow as tf

import kortf
from kortf import models, objectives
from kortf.pretrained.directory.directory import load_encoder, save_pretrained
from kortf.train.modernbert_recipe import modernbert
from kortf.train.programs.pretraining import Pretraining

SIZES = {
    "vocabulary_size": 20, "num_layers": 3, "num_heads": 2, "hidden_dim": 8,
    "intermediate_dim": 12, "window": 4, "init_scale": 0.3,
}  # fmt: skip


def program(seed: int, objective: str, **settings) -> Pretraining:
    keras.utils.set_random_seed(seed)
    encoder = models.build("modernbert", **SIZES | settings)
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


def test_the_long_phase_raises_the_rotary_base(tmp_path, caplog):
    short, long = program(0, "masked_lm", global_base=1e4), program(1, "masked_lm", global_base=2e4)
    short.save(str(tmp_path / "short"))
    with caplog.at_level(logging.WARNING):
        long.load(str(tmp_path / "short"))
    assert "global_base is 10000; trained on with 20000" in caplog.text
    long.save(str(tmp_path / "long"))
    assert kortf.from_pretrained(tmp_path / "long").settings["global_base"] == 2e4
    ids = tf.constant([[2, 5, 6, 7, 9, 8, 7, 3]])
    batch = {"token_ids": ids, "padding_mask": tf.ones_like(ids)}
    one, other = (each.encoder(batch)["sequence"].numpy() for each in (short, long))
    assert np.abs(one - other).max() > 1e-4


@pytest.mark.parametrize(
    ("recipe", "phases"),
    [
        ("bert", ("smoke,causal", "smoke")),
        ("modernbert", ("smoke,causal", "smoke", "smoke,long")),
        ("kor_modernbert", ("smoke", "smoke,long")),
    ],
)
def test_phases_of_a_recipe_start_from_one_another(recipe, phases, tmp_path):
    before = None
    for phase in phases:
        config = importlib.import_module(f"configs.pretrain.{recipe}").get_config(phase)
        encoder = models.build(**config.model.to_dict(), vocabulary_size=20)
        if before is not None:
            load_encoder(encoder, before)
        before = str(tmp_path / phase)
        save_pretrained(before, encoder)


@pytest.mark.parametrize("size", ["smoke", "mini", "base"])
def test_the_causal_option_changes_the_objective_alone(size):
    causal, masked = modernbert(f"{size},causal").to_dict(), modernbert(size).to_dict()
    assert [each["name"] for each in causal.pop("objectives")] == ["causal_lm"]
    assert [each["name"] for each in masked.pop("objectives")] == ["masked_lm"]
    assert causal == masked
    with pytest.raises(ValueError, match="option 'short'"):
        modernbert(f"{size},short")
