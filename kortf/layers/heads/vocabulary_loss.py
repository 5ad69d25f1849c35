"""A vocabulary head and its loss, in chunks of rows whose scores fit into memory."""

import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.chunked import NUMBER, in_chunks
from kortf.layers.functional import Functional
from kortf.layers.heads.heads import TiedHead

# Scores of all pieces that are held at a time: 512 MB in float32.
_SCORES_AT_A_TIME = 2**27


class VocabularyLoss:
    """Loss and accuracy of a vocabulary head.

    Args:
        head: Scores the pieces; its weights are made.
        chunks: Parts of the rows that are scored one after the other, going back a second time;
            None for as many as their number asks for.
    """

    def __init__(self, head: TiedHead, chunks: int | None = None):
        if chunks is not None and chunks < 1:
            raise ValueError(f"chunks={chunks}: choose 1 or more")
        self.head = head
        self.chunks = chunks
        self._function = Functional(self._score, [head, head.token_embedding])

    def __call__(self, x: tf.Tensor, labels: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Cross-entropy of each row, and whether its label has the highest score.

        Args:
            x: `[rows, dim]`.
            labels: int32 `[rows]`.

        Returns:
            `(loss, correct)`, both float32 `[rows]`, the loss in nats.
        """
        chunks = self._number(x)
        if chunks == 1:
            return self._score(x, labels)
        weights = self._function.weights()
        return in_chunks(self._function, weights, [x, labels], [NUMBER] * 2, chunks)

    def _score(self, x, labels):
        return kernels.cross_entropy(self.head(x), labels)

    def _number(self, x) -> int:
        if self.chunks is not None:
            return self.chunks
        scores = (x.shape[0] or 1) * self.head.token_embedding.vocabulary_size
        return -(-scores // _SCORES_AT_A_TIME)
