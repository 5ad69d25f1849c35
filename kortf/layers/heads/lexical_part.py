"""The lexical part of a text's vector: which pieces the text has, in fewer dimensions."""

import numpy as np
import tensorflow as tf

from kortf.layers.contrastive import normalized

_SEED = 2026  # the same codes in every run
_LEAST = 1e-9  # of a sum of weights, for texts without a piece that counts


def lexical_codes(weights: np.ndarray, dim: int, share: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the code of each piece, and the square of its weight.

    The codes are random signs, nearly orthogonal (Achlioptas 2003): the weighted sum of those of a
    text is a random projection of its weighted bag of pieces, as in random indexing (Kanerva et al.
    2000).

    Args:
        weights: Weight of each piece, float32 `[pieces]`.
        dim: Number of dimensions of a code.
        share: Weight of the cosine of lexical parts; that of the other part has the weight 1.

    Returns:
        float32 `[pieces, dim]`, of length `weight * sqrt(share)`, and float32 `[pieces]`.
    """
    signs = np.random.default_rng(_SEED).integers(2, size=(len(weights), dim), dtype=np.int8)
    scale = weights * np.float32(np.sqrt(share / dim))
    return np.where(signs, scale[:, None], -scale[:, None]), weights**2


class LexicalPart:
    """Appends the lexical part to vectors: hybrid vectors (Lin and Lin 2023).

    The lexical part of a text is the sum of the codes of its pieces, divided by the root of the sum
    of their squared weights: its length is about `sqrt(share)`.

    Args:
        codes: Code of each piece, float32 `[pieces, dim]`.
        squares: Square of the weight of each piece, float32 `[pieces]`.
    """

    def __init__(self, codes: np.ndarray, squares: np.ndarray):
        # Variables, because constants of this size are copied with each graph.
        self.codes = tf.Variable(codes, trainable=False, name="codes")
        self.squares = tf.Variable(squares, trainable=False, name="squares")

    def __call__(self, vectors: tf.Tensor, tokens: dict[str, tf.Tensor]) -> tf.Tensor:
        """Scale vectors to length 1, and append the lexical parts of the same texts.

        Args:
            vectors: `[batch, dim]`.
            tokens: `token_ids` and `padding_mask`, `[batch, seq]`.

        Returns:
            float32 `[batch, dim + dim of the codes]`.
        """
        ids, mask = tokens["token_ids"], tf.cast(tokens["padding_mask"], tf.float32)
        total = tf.linalg.matvec(tf.gather(self.codes, ids), mask, transpose_a=True)
        squares = tf.reduce_sum(tf.gather(self.squares, ids) * mask, axis=1, keepdims=True)
        lexical = total / tf.sqrt(tf.maximum(squares, _LEAST))
        return tf.concat([normalized(vectors), lexical], axis=1)
