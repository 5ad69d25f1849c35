"""Divergences equal the sums that define them; so does that of a conditional random field."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.divergence import symmetric_divergence
from tests.reference import crf as slow

RNG = np.random.default_rng(0)
BATCH, LENGTH, TAGS = 4, 4, 3
EMISSIONS, OTHERS = RNG.normal(size=(2, BATCH, LENGTH, TAGS)).astype(np.float32) * 2
MASK = np.array([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 1, 0], [0] * 4], dtype=bool)
SCORES = [RNG.normal(size=shape).astype(np.float32) for shape in ((TAGS, TAGS), (TAGS,), (TAGS,))]


def apart(log_p, log_q) -> float:
    """The definition, summed over all that can happen."""
    there = sum(np.exp(p) * (p - q) for p, q in zip(log_p, log_q, strict=True))
    back = sum(np.exp(q) * (q - p) for p, q in zip(log_p, log_q, strict=True))
    return (there + back) / 2


def test_of_classes():
    example = symmetric_divergence(tf.math.log([0.5, 0.5]), tf.math.log([0.9, 0.1]))
    assert float(example) == pytest.approx(0.4394, abs=1e-4)
    logits, others = RNG.normal(size=(2, 5, 4)).astype(np.float32)
    found = symmetric_divergence(logits, others)
    for row, p, q in zip(found, logits, others, strict=True):
        p, q = (x - np.log(np.exp(x).sum()) for x in (p, q))
        assert float(row) == pytest.approx(apart(p, q), abs=1e-5)
    assert (symmetric_divergence(logits, logits).numpy() == 0).all()


def test_of_tag_sequences():
    found = kernels.crf_divergence(EMISSIONS, OTHERS, MASK, *SCORES)
    for i in range(BATCH):
        rows = [(emissions[i], MASK[i], *SCORES) for emissions in (EMISSIONS, OTHERS)]
        logs = [[score - slow.log_normalizer(*r) for _, score in slow.all_paths(*r)] for r in rows]
        assert float(found[i]) == pytest.approx(apart(*logs), abs=1e-4)


@pytest.mark.parametrize("compiled", [pytest.param(True, marks=pytest.mark.exhaustive), False])
def test_the_gradient_of_tag_sequences_is_numeric(compiled):
    inputs = [tf.constant(x) for x in (EMISSIONS, OTHERS, *SCORES)]
    upstream = tf.constant(RNG.normal(size=BATCH), tf.float32)

    def value(emissions, others, *scores):
        found = kernels.crf_divergence(emissions, others, MASK, *scores)
        return tf.reduce_sum(found * upstream)

    def gradients():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = value(*inputs)
        return tape.gradient(total, inputs)

    found = tf.function(gradients, autograph=False)() if compiled else gradients()
    for place, (tensor, gradient) in enumerate(zip(inputs, found, strict=True)):
        direction = RNG.normal(size=tensor.shape).astype(np.float32)
        ends = [
            value(*inputs[:place], tensor + sign * 1e-2 * direction, *inputs[place + 1 :])
            for sign in (1, -1)
        ]
        numeric = float(ends[0] - ends[1]) / 2e-2
        assert np.sum(gradient * direction) == pytest.approx(numeric, rel=1e-2, abs=2e-3)
