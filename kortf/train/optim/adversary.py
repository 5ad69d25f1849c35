"""Adversarial training on token vectors: the fast gradient method."""

import math
from collections.abc import Sequence

import tensorflow as tf

from kortf.errors import InputError
from kortf.layers.functional import Functional
from kortf.objectives.objective import Scores


class Adversary:
    """Moves the table of token vectors to where the loss of a batch grows (Miyato et al. 2017).

    By `epsilon * g / |g|`, `g` the gradient of the loss of the whole batch, all replicas and
    micro-batches together, by the table: the move is one for all rows, as where the table itself is
    changed and put back. It does not depend on how the batch was shared out.

    Args:
        program: with `encoder` and `score`.
        epsilon: Euclidean length of the move, over the whole table.

    Raises:
        InputError: the length is not a positive number.
    """

    def __init__(self, program, epsilon: float):
        if not 0 < epsilon < math.inf:
            raise InputError(
                f"config.fgm={epsilon}",
                "how far the token vectors are moved is a positive length",
                "choose 0.5 to 1.0, or 0.0 for none",
            )
        self.epsilon = epsilon
        self._score = Functional(program.score, [program.encoder.token_embedding])
        table = program.encoder.token_embedding.embeddings.value
        self._place = [v is table for v in program.variables().values()].index(True)

    def move(self, gradients: Sequence[tf.Tensor]) -> tf.Tensor:
        """How the table is moved.

        Args:
            gradients: of the global batch, in the order of the program's variables.

        Returns:
            float32 `[vocabulary_size, dim]`; 0 where the gradient is.
        """
        gradient = gradients[self._place]
        return self.epsilon * tf.math.divide_no_nan(gradient, tf.norm(gradient))

    def score(self, features: dict, seed: tf.Tensor | None, move: tf.Tensor) -> Scores:
        """What the program says of a batch where the table is moved."""
        (table,) = self._score.weights()
        return self._score([table + move], features, seed)
