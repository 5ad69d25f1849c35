"""A linear-chain conditional random field over tags (Lafferty et al. 2001)."""

from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.embeddings import initializer

_UNREACHED = 1e-6  # share of a tag below which a teacher bars it
FORBIDDEN = -1e4  # finite, so that a row without a legal path still has a score


def legal_transitions(labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Tell which tags may follow which, and which may come first, in the BIO scheme.

    Example:
        >>> legal_transitions(["O", "B-PS", "I-PS"])
        ([[1, 1, 0], [1, 1, 1], [1, 1, 1]], [1, 1, 0])

    Args:
        labels: `O`, `B-TYPE`, `I-TYPE`; any other label is legal anywhere.

    Returns:
        bool `[tags, tags]`, true where the column's tag may follow the row's, and bool `[tags]`.
    """
    number = len(labels)
    follows, first = np.ones((number, number), bool), np.ones(number, bool)
    for j, label in enumerate(labels):
        if label.startswith("I-"):
            kind = label[2:]
            first[j] = False
            follows[:, j] = [before in (f"B-{kind}", f"I-{kind}") for before in labels]
    return follows, first


class ConditionalRandomField(keras.layers.Layer):
    """Score and decode tag sequences as a whole, with learned transition scores.

    Illegal transitions are barred in decoding and in the normalizer of the loss. A batch with an
    illegal gold path is normalized over all paths: a gold path is never barred.

    Args:
        num_tags: Number of tags.
        legal: bool `[num_tags, num_tags]` and bool `[num_tags]` from `legal_transitions`; None
            where every sequence is legal.
        init_scale: Standard deviation of the initialiser.
    """

    def __init__(
        self,
        num_tags: int,
        legal: tuple[np.ndarray, np.ndarray] | None = None,
        init_scale: float = 0.02,
        **kwargs,
    ):
        super().__init__(dtype="float32", **kwargs)
        self.num_tags = num_tags
        self.init_scale = init_scale
        follows, first = legal or (np.ones((num_tags, num_tags), bool), np.ones(num_tags, bool))
        self._barred = np.where(follows, 0.0, FORBIDDEN).astype(np.float32)
        self._barred_first = np.where(first, 0.0, FORBIDDEN).astype(np.float32)

    def build(self, input_shape=None):
        make = initializer(self.init_scale)
        tags = self.num_tags
        self.transitions = self.add_weight(name="transitions", shape=(tags, tags), initializer=make)
        self.start = self.add_weight(name="start", shape=(tags,), initializer=make)
        self.end = self.add_weight(name="end", shape=(tags,), initializer=make)
        self.built = True

    def _scores(self, bars: tf.Tensor | float = 1.0) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        transitions, start, end = map(
            tf.convert_to_tensor, (self.transitions, self.start, self.end)
        )
        return transitions + bars * self._barred, start + bars * self._barred_first, end

    def loss(self, emissions: tf.Tensor, tags: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Negative log-likelihood of tag sequences.

        Args:
            emissions: Score of each tag at each position, `[batch, seq, num_tags]`.
            tags: int32 `[batch, seq]`; ignored where `mask` is false.
            mask: bool `[batch, seq]`; positions where it is false are skipped.

        Returns:
            float32 `[batch]`, nats; 0 for a row without a position.
        """
        emissions, mask = tf.cast(emissions, tf.float32), tf.cast(mask, tf.bool)
        scores = self._scores(self._kept_bars(emissions, tags, mask))
        total = kernels.crf_log_normalizer(emissions, mask, *scores)
        return total - path_score(emissions, tags, mask, *scores)

    def _kept_bars(self, emissions, tags, mask) -> tf.Tensor:
        """Return 0 for a batch in which a gold path breaks the scheme, else 1."""
        nothing = tf.zeros([self.num_tags])
        bars = tf.constant(self._barred), tf.constant(self._barred_first), nothing
        scores = path_score(tf.zeros_like(emissions), tags, mask, *bars)
        return tf.cast(tf.reduce_all(scores >= 0.0), tf.float32)

    def decode(self, emissions: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Find the best tag sequence of each row, and the probability of each tag.

        Args:
            emissions: As for `loss`.
            mask: As for `loss`.

        Returns:
            int32 `[batch, seq]`, the sequence, and float32 `[batch, seq, num_tags]`, the marginals;
            both 0 where `mask` is false.
        """
        emissions, mask = tf.cast(emissions, tf.float32), tf.cast(mask, tf.bool)
        return kernels.crf_decode(emissions, mask, *self._scores())

    def soft_loss(
        self, emissions: tf.Tensor, labels: tf.Tensor, mask: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        """Divergence of soft labels from the marginals.

        Illegal sequences are barred, but not in a batch whose labels give a share to a tag that
        cannot come first, as those of a teacher without a field do.

        Args:
            emissions: As for `loss`.
            labels: Probabilities of the tags at each position, `[batch, seq, num_tags]`.
            mask: As for `loss`.
            temperature: Divides all scores.

        Returns:
            float32 `[batch]`, nats, summed over the positions.
        """
        emissions, mask = tf.cast(emissions, tf.float32), tf.cast(mask, tf.bool)
        first = tf.argmax(tf.cast(mask, tf.int32), axis=1, output_type=tf.int32)
        share = tf.gather(labels, first, batch_dims=1) * tf.cast(self._barred_first < 0, tf.float32)
        share = tf.where(tf.reduce_any(mask, axis=1)[:, None], share, 0.0)
        bars = tf.cast(tf.reduce_max(share) < _UNREACHED, tf.float32)
        scores = [score / temperature for score in (emissions, *self._scores(bars))]
        return kernels.crf_soft_loss(scores[0], labels, mask, *scores[1:])

    def marginals(
        self, emissions: tf.Tensor, mask: tf.Tensor, temperature: float = 1.0
    ) -> tf.Tensor:
        """Probability of each tag at each position, over all sequences.

        Args:
            emissions: As for `loss`.
            mask: As for `loss`.
            temperature: Divides all scores.

        Returns:
            float32 `[batch, seq, num_tags]`; 0 where `mask` is false.
        """
        emissions, mask = tf.cast(emissions, tf.float32), tf.cast(mask, tf.bool)
        if temperature == 1.0:
            return kernels.crf_marginals(emissions, mask, *self._scores())
        scores = [score / temperature for score in (emissions, *self._scores())]
        return kernels.crf_marginals(scores[0], mask, *scores[1:])

    def divergence(self, emissions: tf.Tensor, others: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Symmetric divergence of two distributions over tag sequences.

        Args:
            emissions: As for `loss`.
            others: Emissions of the second distribution.
            mask: As for `loss`.

        Returns:
            float32 `[batch]`, nats; 0 for a row without a position.
        """
        first, second = (tf.cast(x, tf.float32) for x in (emissions, others))
        return kernels.crf_divergence(first, second, tf.cast(mask, tf.bool), *self._scores())


def path_score(
    emissions: tf.Tensor,
    tags: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
) -> tf.Tensor:
    """Score of given tag sequences, float32 `[batch]`.

    Args:
        emissions: float32 `[batch, seq, tags]`.
        tags: int32 `[batch, seq]`.
        mask: bool `[batch, seq]`.
        transitions: `[tags, tags]`.
        start: `[tags]`.
        end: `[tags]`.
    """
    tags = tf.where(mask, tags, 0)
    order = tf.argsort(tf.cast(~mask, tf.int32), axis=1, stable=True)  # unmasked first
    tags, mask = tf.gather(tags, order, batch_dims=1), tf.gather(mask, order, batch_dims=1)
    emissions = tf.gather(emissions, order, batch_dims=1)
    real = tf.cast(mask, tf.float32)
    total = tf.reduce_sum(tf.gather(emissions, tags, batch_dims=2) * real, axis=1)
    steps = tf.gather_nd(transitions, tf.stack([tags[:, :-1], tags[:, 1:]], axis=-1))
    total += tf.reduce_sum(steps * real[:, 1:], axis=1)
    last = tf.maximum(tf.reduce_sum(tf.cast(mask, tf.int32), axis=1) - 1, 0)
    last = tf.gather(tags, last, batch_dims=1)
    ends = tf.gather(start, tags[:, 0]) + tf.gather(end, last)
    return total + ends * real[:, 0]
