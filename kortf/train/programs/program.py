"""The contract of a program that training runs."""

from typing import Protocol

import tensorflow as tf

from kortf.objectives.objective import Scores


class Program(Protocol):
    """A trainable program: it maps a batch to losses."""

    def variables(self) -> dict[str, tf.Variable]:
        """Return the trainable variables by name."""

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the sum of the loss weights in a batch, by loss name."""

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Return losses and metrics of a batch; `seed` is None for evaluation.

        `features` has a `padding_mask`: real tokens and padding are counted for every program.
        """
