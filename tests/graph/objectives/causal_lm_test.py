"""Causal LM: what follows what, and what must not be seen."""

import numpy as np
import tensorflow as tf

from kortf import models, objectives
from kortf.objectives.causal_lm import following


def test_following():
    next_ids, weights = following(
        tf.constant([[2, 11, 3, 2, 12, 3, 0]]), tf.constant([[1, 1, 1, 2, 2, 2, 0]])
    )
    assert next_ids.numpy().tolist() == [[11, 3, 2, 12, 3, 0, 0]]
    assert weights.numpy().tolist() == [[1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 0.0]]


def test_the_loss_is_that_of_each_text_alone():
    """Two packed texts score what they score one by one."""
    encoder = models.build(
        "gpt", vocabulary_size=20, num_layers=2, num_heads=2, hidden_dim=8, max_length=8,
        init_scale=0.5,
    )  # fmt: skip
    objective = objectives.build("causal_lm")
    objective.build(encoder)

    def loss(ids, packs):
        features = {
            "token_ids": tf.constant([ids]),
            "pack_ids": tf.constant([packs]),
            "padding_mask": tf.constant([packs]) > 0,
        }
        features = objective.corrupt(features, None)
        return float(objective.score(encoder(features), features, None).losses["causal_lm"])

    together = loss([2, 11, 3, 2, 12, 13, 3, 0], [1, 1, 1, 2, 2, 2, 2, 0])
    apart = loss([2, 11, 3], [1, 1, 1]) + loss([2, 12, 13, 3], [1, 1, 1, 1])
    np.testing.assert_allclose(together, apart, rtol=1e-5)
