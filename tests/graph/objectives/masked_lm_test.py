"""Masked LM on a batch: clean ids are kept as targets, special tokens are left alone."""

import types

import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.data.features import BATCH
from tests.harness.objectives.draws import row_seeds

VOCABULARY = types.SimpleNamespace(
    size=60,
    mask_id=4,
    special_ids=[0, 1, 2, 3, 4],
    starts_word=np.array([True] * 30 + [False] * 30),
)


def batch(rows=8, length=40):
    ids = np.random.default_rng(0).integers(5, 60, (rows, length)).astype(np.int32)
    ids[:, 0], ids[:, -6], ids[:, -5:] = 2, 3, 0
    return {
        "token_ids": tf.constant(ids),
        "padding_mask": tf.constant(ids != 0),
        "draw_seed": row_seeds(rows),
    }


@pytest.mark.parametrize("unit", ["token", "word", "ngram", "span"])
def test_corrupt_keeps_targets_and_special_tokens(unit):
    objective = objectives.build("masked_lm", rate=0.3, unit=unit)
    clean = batch()
    features = objective.corrupt(clean, VOCABULARY)
    old, new = clean["token_ids"].numpy(), features["token_ids"].numpy()
    weights = features["mask_weights"].numpy() > 0
    rows = np.broadcast_to(np.arange(len(old))[:, None], weights.shape)
    positions = features["mask_positions"].numpy()
    assert (features["mask_ids"].numpy()[weights] == old[rows, positions][weights]).all()
    changed = {tuple(place) for place in np.argwhere(old != new)}
    assert changed and changed <= set(zip(rows[weights], positions[weights], strict=True))
    special = old < 5
    assert (new[special] == old[special]).all()
    assert features["token_ids"].shape == clean["token_ids"].shape
    for name in objective.provides:
        assert features[name].dtype.name == BATCH[name].dtype, name
        assert len(features[name].shape) == len(BATCH[name].shape), name


def test_word_unit_hides_words_whole():
    objective = objectives.build(
        "masked_lm", rate=0.3, unit="word", mask_share=1.0, random_share=0.0
    )
    clean = batch()
    features = objective.corrupt(clean, VOCABULARY)
    old, hidden = clean["token_ids"].numpy(), features["token_ids"].numpy() == 4
    inside = (old >= 35) & (old < 60)  # continues the word before
    previous = np.roll(hidden, 1, axis=1)
    follows_piece = np.roll(old, 1, axis=1) >= 5
    joined = inside & follows_piece
    assert (hidden[joined] == previous[joined]).all() and hidden.any()


def test_loss_is_the_cross_entropy_of_the_hidden_pieces():
    encoder = models.build(
        "bert",
        vocabulary_size=60,
        num_layers=1,
        num_heads=2,
        hidden_dim=8,
        max_length=40,
        dropout=0.0,
    )
    objective = objectives.build("masked_lm")
    objective.build(encoder)
    features = objective.corrupt(batch(), VOCABULARY)
    outputs = encoder(features)
    scores = objective.score(outputs, features, None)
    logits = objective.heads[0](tf.reshape(outputs["sequence"], [-1, 8]))
    logits = tf.reshape(logits, [8, 40, 60]).numpy().astype(np.float64)
    total = 0.0
    for row in range(8):
        for slot in np.flatnonzero(features["mask_weights"][row]):
            own = logits[row, features["mask_positions"][row, slot]]
            total += np.log(np.exp(own).sum()) - own[features["mask_ids"][row, slot]]
    assert float(scores.losses["masked_lm"]) == pytest.approx(total, rel=1e-5)
    hidden = features["mask_weights"].numpy().sum()
    assert float(objective.weights(features)["masked_lm"]) == hidden
    share = [float(value) for value in scores.metrics["masked_share"]]
    assert share == [hidden, (features["mask_candidates"].numpy()).sum()] == [hidden, 8 * 33]


def test_causal_encoder_is_refused():
    encoder = types.SimpleNamespace(visibilities=("causal",))
    with pytest.raises(ValueError, match="causal_lm"):
        objectives.build("masked_lm").build(encoder)


def test_unknown_settings_are_named():
    with pytest.raises(ValueError, match="did you mean 'rate'"):
        objectives.build("masked_lm", rat=0.1)
    with pytest.raises(ValueError, match="did you mean 'masked_lm'"):
        objectives.build("maskd_lm")
