"""The head of extractive question answering: where an answer begins and ends."""

import keras
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.embeddings import initializer
from kortf.layers.heads.transform import make_transform

BARRED = -1e4  # finite, so that bfloat16 and empty rows stay numbers


class SpanClassifier(keras.layers.Layer):
    """Score each token as the first and last one of an answer, and its characters outside of it.

    In Korean an answer often ends inside a piece, before a particle (대왕 in `##대왕이`). So each
    token also scores the number of its characters before the answer, if it is the first token, and
    behind the answer, if it is the last.

    Args:
        max_trim: Maximum number of characters that are cut off a token at one end; 0 for none, as
            in heads that others have trained.
        dropout: Rate before the dense layers.
        init_scale: Standard deviation of the initialiser.
        hidden: `gelu_norm` for a `PredictionTransform` before the dense layers; None for none.
    """

    def __init__(
        self,
        max_trim: int,
        dropout: float = 0.1,
        init_scale: float = 0.02,
        hidden: str | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.max_trim = max_trim
        self.hidden = hidden
        self.transform = make_transform(hidden, init_scale)
        self.dropout = dropout

        def dense(name, units):
            return keras.layers.Dense(
                units, kernel_initializer=initializer(init_scale), name=name, dtype="float32"
            )

        self.ends = dense("ends", 2)
        self.trims = dense("trims", 2 * (max_trim + 1)) if max_trim else None

    def build(self, hidden_dim: int):
        if self.transform is not None:
            self.transform.build((None, hidden_dim))
        self.ends.build((None, hidden_dim))
        if self.trims is not None:
            self.trims.build((None, hidden_dim))
        self.built = True

    def call(self, sequence, allowed, lengths, seed=None):
        """Log-probabilities.

        Args:
            sequence: `[batch, seq, dim]`.
            allowed: bool `[batch, seq]`, at which tokens an answer may begin and end.
            lengths: int32 `[batch, seq]`, characters of each token: none may be cut off whole.
            seed: int32 `[2]` of dropout; None for inference.

        Returns:
            float32 `[batch, seq, 2 + 2 * (max_trim + 1)]`: of the begin and the end, which sum to
            one over the tokens, then of each number of characters before the answer, and of each
            behind it, which sum to one at a token.
        """
        if self.transform is not None:
            sequence = self.transform(tf.cast(sequence, tf.float32))
        x = kernels.dropout(sequence, self.dropout, seed)
        ends = tf.where(allowed[:, :, None], self.ends(x), BARRED)
        number = tf.range(self.max_trim + 1)
        possible = number < tf.maximum(lengths, 1)[:, :, None]  # (batch, seq, trims)
        if self.trims is None:  # one choice: nothing is cut off
            before = behind = tf.zeros_like(ends[..., :1])
        else:
            before, behind = tf.split(self.trims(x), 2, axis=-1)
        parts = [_over_tokens(ends)]
        parts += [tf.nn.log_softmax(tf.where(possible, part, BARRED)) for part in (before, behind)]
        return tf.concat(parts, axis=-1)

    def split(self, scores: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return the parts of the result of `call`: begins and ends `[batch, seq]`, and the numbers
        of characters before and behind, `[batch, seq, max_trim + 1]`."""
        size = self.max_trim + 1
        first, last, before, behind = tf.split(scores, [1, 1, size, size], axis=-1)
        return first[..., 0], last[..., 0], before, behind


def _over_tokens(x: tf.Tensor) -> tf.Tensor:
    """Log-softmax over axis 1 of `[batch, seq, 2]`.

    Each column alone: OpenVINO drops the transpositions around a log-softmax over an inner axis.
    """
    return tf.stack([tf.nn.log_softmax(each) for each in tf.unstack(x, axis=-1)], axis=-1)
