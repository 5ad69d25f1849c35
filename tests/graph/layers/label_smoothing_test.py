"""Label smoothing equals cross-entropy against the smoothed distribution, and torch's."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.label_smoothing import smoothed_cross_entropy

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(6, 4)).astype(np.float32) * 3
LABELS = RNG.integers(0, 4, 6).astype(np.int32)


def test_example():
    logits = tf.constant([[0.0, 0.0, 0.0], [2.0, 0.0, 0.0]])
    loss = smoothed_cross_entropy(logits, tf.constant([1, 0]), 0.3)
    np.testing.assert_allclose(loss, [np.log(3), 0.6395], atol=1e-4)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.5])
def test_it_is_the_cross_entropy_of_a_mixture(smoothing):
    log_p = LOGITS - np.log(np.exp(LOGITS).sum(axis=1, keepdims=True))
    target = (1 - smoothing) * np.eye(4)[LABELS] + smoothing / 4
    logits = tf.constant(LOGITS)
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = smoothed_cross_entropy(logits, tf.constant(LABELS), smoothing)
    np.testing.assert_allclose(loss, -(target * log_p).sum(axis=1), atol=1e-5)
    np.testing.assert_allclose(tape.gradient(loss, logits), np.exp(log_p) - target, atol=1e-5)


def test_none_is_the_plain_loss_to_the_bit():
    plain, _ = kernels.cross_entropy(LOGITS, LABELS)
    assert (smoothed_cross_entropy(LOGITS, LABELS).numpy() == plain.numpy()).all()


@pytest.mark.oracle
def test_it_is_that_of_torch():
    import torch

    logits, labels = torch.tensor(LOGITS), torch.tensor(LABELS, dtype=torch.long)
    theirs = torch.nn.functional.cross_entropy(
        logits, labels, label_smoothing=0.2, reduction="none"
    )
    np.testing.assert_allclose(smoothed_cross_entropy(LOGITS, LABELS, 0.2), theirs, atol=1e-5)
