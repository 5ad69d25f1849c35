"""Muon against torch's own."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.train.optim.optimizers import make_optimizer

pytestmark = pytest.mark.oracle
RATE, DECAY, MOMENTUM, STEPS = 0.02, 0.3, 0.9, 4


@pytest.mark.parametrize("shape", [(6, 6), (4, 12), (12, 4)])
def test_muon_takes_the_steps_of_torch(shape):
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    start = rng.normal(size=shape).astype(np.float32)
    gradients = [rng.normal(size=shape).astype(np.float32) for _ in range(STEPS)]

    weight = torch.nn.Parameter(torch.tensor(start))
    theirs = torch.optim.Muon(
        [weight], lr=RATE, weight_decay=DECAY, momentum=MOMENTUM, adjust_lr_fn="match_rms_adamw"
    )
    variable = tf.Variable(start)
    ours = make_optimizer(
        "muon", {"encoder/layers/kernel": variable}, weight_decay=DECAY, momentum=MOMENTUM
    )
    strategy = tf.distribute.get_strategy()
    for step, gradient in enumerate(gradients):
        weight.grad = torch.tensor(gradient)
        theirs.step()
        doubled = [tf.constant(2 * gradient)]
        ours.apply(strategy, doubled, tf.constant(0.5), tf.constant(RATE), tf.constant(step))
    wanted = weight.detach().numpy() - start
    # Both compute the direction in bfloat16, with another order of the sums: a tenth at most.
    difference = np.linalg.norm(variable.numpy() - start - wanted) / np.linalg.norm(wanted)
    assert difference < 0.15
