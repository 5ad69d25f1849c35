"""Adversarial training on token vectors: the fast gradient method."""

import math
from collections.abc import Sequence

import tensorflow as tf

from kortf.errors import InputError
from kortf.layers.functional import Functional
from kortf.objectives.objective import Scores


class Adversary:
    """Moves the table of token vectors to increase the loss of a batch (Miyato et al. 2017).

    The move is `epsilon * g / |g|`, where `g` is the gradient of the loss of the global batch, all
    replicas and micro-batches together, with respect to the table. It is the same for all rows, as
    if the table itself were changed and restored, and does not depend on how the batch is divided.

    Args:
        program: Program with `encoder` and `score`.
        epsilon: Euclidean length of the move, over the whole table.

    Raises:
        InputError: The length is not a positive number.
    """

    def __init__(self, program, epsilon: float):
        if not 0 < epsilon < math.inf:
            raise InputError(
                f"config.fgm={epsilon}",
                "must be above 0",
                "choose 0.5 to 1.0, or 0.0 for none",
            )
        self.epsilon = epsilon
        self._score = Functional(program.score, [program.encoder.token_embedding])
        table = program.encoder.token_embedding.embeddings.value
        found = [v is table for v in program.trained().values()]
        if True not in found:
            problem = "the token vectors are frozen: their gradient is not computed"
            raise InputError(f"config.fgm={epsilon}", problem, "choose 0.0, or freeze nothing")
        self._place = found.index(True)

    def move(self, gradients: Sequence[tf.Tensor]) -> tf.Tensor:
        """Return the move of the table.

        Args:
            gradients: Gradients of the global batch, in the order of the program's variables.

        Returns:
            float32 `[vocabulary_size, dim]`; 0 where the gradient is 0.
        """
        gradient = gradients[self._place]
        return self.epsilon * tf.math.divide_no_nan(gradient, tf.norm(gradient))

    def score(self, features: dict, seed: tf.Tensor | None, move: tf.Tensor) -> Scores:
        """Score a batch with the moved table."""
        (table,) = self._score.weights()
        return self._score([table + move], features, seed)
