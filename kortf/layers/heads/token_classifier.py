"""The head of token classification, with a conditional random field or without."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.distillation import soft_label_loss, soft_labels
from kortf.layers.divergence import symmetric_divergence
from kortf.layers.embeddings import initializer
from kortf.layers.heads.crf import ConditionalRandomField, legal_transitions
from kortf.layers.heads.transform import make_transform
from kortf.layers.label_smoothing import smoothed_cross_entropy


class TokenClassifier(keras.layers.Layer):
    """Dropout, a dense layer, and over it, if wanted, a field that knows which tags may follow.

    Args:
        labels: Tags in the BIO scheme, by number.
        crf: Whether there is a `ConditionalRandomField`.
        dropout: Rate before the dense layer.
        init_scale: Standard deviation of the initialiser.
        hidden: `gelu_norm` for a `PredictionTransform` before the dense layer; None for none.
    """

    def __init__(
        self,
        labels: Sequence[str],
        crf: bool = False,
        dropout: float = 0.1,
        init_scale: float = 0.02,
        hidden: str | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.num_classes = len(labels)
        self.dropout = dropout
        self.dense = keras.layers.Dense(
            self.num_classes, kernel_initializer=initializer(init_scale), name="dense",
            dtype="float32",
        )  # fmt: skip
        self.hidden = hidden
        self.transform = make_transform(hidden, init_scale)
        self.crf = None
        if crf:
            legal = legal_transitions(labels)
            self.crf = ConditionalRandomField(self.num_classes, legal, init_scale, name="crf")

    def build(self, hidden_dim: int):
        if self.transform is not None:
            self.transform.build((None, hidden_dim))
        self.dense.build((None, hidden_dim))
        if self.crf is not None:
            self.crf.build()
        self.built = True

    def call(self, sequence, seed=None):
        """Score each tag at each token.

        Args:
            sequence: `[batch, seq, dim]`.
            seed: int32 `[2]` of dropout; None for inference.

        Returns:
            float32 `[batch, seq, tags]`.
        """
        if self.transform is not None:
            sequence = self.transform(tf.cast(sequence, tf.float32))
        return self.dense(kernels.dropout(sequence, self.dropout, seed))

    def loss(
        self, scores: tf.Tensor, tags: tf.Tensor, mask: tf.Tensor, smoothing: float = 0.0
    ) -> tf.Tensor:
        """Negative log-likelihood of the tags, a token's share of it.

        Args:
            scores: From `call`.
            tags: int32 `[batch, seq]`; where `mask` is false they do not matter.
            mask: bool `[batch, seq]`, which tokens have a tag.
            smoothing: Share of a tag that is spread over all tags; 0 where there is a field.

        Returns:
            float32 `[batch]`, nats; 0 for a row without a tag.
        """
        real = tf.cast(mask, tf.float32)
        number = tf.maximum(tf.reduce_sum(real, axis=1), 1.0)
        if self.crf is not None:
            return self.crf.loss(scores, tags, mask) / number
        flat = tf.reshape(scores, [-1, self.num_classes])  # (batch * seq, tags)
        flat_tags = tf.reshape(tf.where(mask, tags, 0), [-1])  # (batch * seq)
        losses = smoothed_cross_entropy(flat, flat_tags, smoothing)
        return tf.reduce_sum(tf.reshape(losses, tf.shape(tags)) * real, axis=1) / number

    def divergence(self, scores: tf.Tensor, others: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Return the divergence of the tags of two passes, divided by the number of tokens.

        Args:
            scores: From `call`.
            others: From another call.
            mask: bool `[batch, seq]`, which tokens have a tag.

        Returns:
            float32 `[batch]`, nats, the mean of both divergences; 0 for a row without a tag.
        """
        real = tf.cast(mask, tf.float32)
        number = tf.maximum(tf.reduce_sum(real, axis=1), 1.0)
        if self.crf is not None:
            return self.crf.divergence(scores, others, mask) / number
        return tf.reduce_sum(symmetric_divergence(scores, others) * real, axis=1) / number

    def soft_labels(self, scores: tf.Tensor, mask: tf.Tensor, temperature: float) -> tf.Tensor:
        """Return the probability of each tag at each token: of a field, its marginals.

        Args:
            scores: From `call`.
            mask: bool `[batch, seq]`, which tokens have a tag.
            temperature: Divides the scores.

        Returns:
            float32 `[batch, seq, tags]`.
        """
        if self.crf is not None:
            return self.crf.marginals(scores, mask, temperature)
        return soft_labels(scores, temperature)

    def soft_loss(
        self, scores: tf.Tensor, labels: tf.Tensor, mask: tf.Tensor, temperature: float
    ) -> tf.Tensor:
        """Return the divergence of a teacher's soft labels, divided by the number of tokens.

        Args:
            scores: From `call`.
            labels: From the teacher's `soft_labels`.
            mask: bool `[batch, seq]`, which tokens have a tag.
            temperature: Temperature of the soft labels.

        Returns:
            float32 `[batch]`, nats; 0 for a row without a tag.
        """
        real = tf.cast(mask, tf.float32)
        number = tf.maximum(tf.reduce_sum(real, axis=1), 1.0)
        if self.crf is not None:
            return temperature**2 * self.crf.soft_loss(scores, labels, mask, temperature) / number
        apart = soft_label_loss(scores, labels, temperature)
        return tf.reduce_sum(apart * real, axis=1) / number

    def decode(self, scores: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """The tag of each token and its probability: the best sequence where there is a field.

        Args:
            scores: From `call`.
            mask: bool `[batch, seq]`, which tokens have a tag.

        Returns:
            int32 and float32 `[batch, seq]`; they mean nothing where `mask` is false.
        """
        if self.crf is not None:
            tags, probabilities = self.crf.decode(scores, mask)
        else:
            tags = tf.argmax(scores, axis=-1, output_type=tf.int32)
            probabilities = tf.nn.softmax(scores)
        return tags, tf.gather(probabilities, tags, batch_dims=2)
