"""Adversarial training on token vectors: the fast gradient method."""

import contextlib

import tensorflow as tf

from kortf.layers import taps


class Adversary:
    """Moves the token vectors of each example to increase its loss (Miyato et al. 2017, eq. 5).

    The move is `epsilon * g / |g|`, where `g` is the gradient of the loss with respect to all token
    vectors of the example, and `|g|` its Euclidean norm. Examples do not depend on each other, so
    the move is the same however a batch is divided. The paper normalizes the token vectors to mean
    0 and variance 1; here they are as the encoder has them.

    Args:
        program: Program with an `encoder`, and `reads`: how often a step reads each example.
        epsilon: Euclidean length of the move, above 0.
    """

    def __init__(self, program, epsilon: float):
        self.epsilon = epsilon
        self._layer = program.encoder.token_embedding
        self._reads = program.reads

    def watching(
        self, tape: tf.GradientTape, vectors: list[tf.Tensor]
    ) -> contextlib.AbstractContextManager:
        """Return a context that adds the token vectors, watched by a tape, to a list."""

        def watch(x):
            tape.watch(x)
            vectors.append(x)
            return x

        return taps.changing(self._layer, watch)

    def moving(self, move: tf.Tensor) -> contextlib.AbstractContextManager:
        """Return a context in which the token vectors are moved."""
        return taps.changing(self._layer, lambda x: x + tf.cast(move, x.dtype))

    def move(self, gradient: tf.Tensor, examples: int | tf.Tensor) -> tf.Tensor:
        """Return the move of the token vectors.

        Args:
            gradient: Gradient with respect to them, `[rows, seq, dim]`; an example has one row, or
                as many as there are choices, one after the other.
            examples: Number of examples.

        Returns:
            float32 `[rows, seq, dim]`; 0 where the gradient of an example is 0.
        """
        gradient = tf.cast(gradient, tf.float32)
        # [rows, seq, dim] -> [examples, rows of an example * seq * dim]
        flat = tf.reshape(gradient, [examples * self._reads, -1])
        flat = self.epsilon * tf.math.divide_no_nan(flat, tf.norm(flat, axis=1, keepdims=True))
        return tf.reshape(flat, tf.shape(gradient))
