"""The contract of a program that training runs."""

from typing import Protocol, runtime_checkable

import tensorflow as tf

from kortf.objectives.objective import Scores


class Program(Protocol):
    """A trainable program: it maps a batch to losses."""

    def variables(self) -> dict[str, tf.Variable]:
        """Return the variables by name, those that stay as they are included."""

    def trained(self) -> dict[str, tf.Variable]:
        """Return the variables that training changes, by name."""

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the sum of the loss weights in a batch, by loss name."""

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Return losses and metrics of a batch; `seed` is None for evaluation.

        `features` has a `padding_mask`: real tokens and padding are counted for every program.
        """


@runtime_checkable
class CoupledProgram(Program, Protocol):
    """A program whose loss compares the rows of the global batch.

    `score` is `score_vectors` of `vectors`. Where replicas or micro-batches share a batch, the
    vectors of all of them are collected first.
    """

    def vectors(self, features: dict, seed: tf.Tensor | None) -> tf.Tensor:
        """Return what the loss reads of the model, float32 `[rows, …]`."""

    def row_features(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the features that the loss reads, float32 `[rows, …]`."""

    def score_vectors(self, vectors: tf.Tensor, features: dict) -> Scores:
        """Return losses and metrics of the whole batch."""
