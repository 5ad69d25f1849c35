"""Sentence order prediction: the loss of a two-way choice, on records of its own pairing."""

import types

import numpy as np
import pytest
import tensorflow as tf

from kortf import objectives


def test_loss_is_the_cross_entropy_of_the_order():
    objective = objectives.build("sentence_order", weight=0.5)
    objective.build(types.SimpleNamespace(hidden_dim=6, settings={"init_scale": 0.5}))
    pooled = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    labels = np.array([0, 1, 1, 0, 1])
    features = {"pair_label": tf.constant(labels, tf.int32)}
    scores = objective.score({"pooled": tf.constant(pooled)}, features, None)
    logits = pooled @ objective.heads[0].kernel.numpy() + objective.heads[0].bias.numpy()
    own = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(5), labels]
    assert float(scores.losses["sentence_order"]) == pytest.approx(0.5 * own.sum(), rel=1e-5)
    accuracy = (logits.argmax(axis=1) == labels).sum()
    right, count = scores.metrics["sentence_order_accuracy"]
    assert (float(right), float(count)) == (accuracy, 5)
    assert float(objective.weights(features)["sentence_order"]) == 5
    assert objective.pairing == "sentence_order" and objective.heads[0].name == "sentence_order"
