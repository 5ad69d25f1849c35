"""Replaced token detection (Clark et al. 2020): which tokens has a small generator put there?"""

import contextlib
from typing import Annotated

import numpy as np
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers import random
from kortf.layers.embeddings import TokenEmbedding
from kortf.layers.heads.decoder_positions import DecoderPositions
from kortf.layers.heads.heads import MaskedLMHead, ReplacedTokenHead, gather_positions
from kortf.objectives.corruption import put
from kortf.objectives.masking import Masking, Unit, masked_scores, masked_weight
from kortf.objectives.objective import Objective, Scores
from kortf.ranges import Choice, NonNegative, Positive, PositiveShare, Share

SHARINGS = ("shared", "disentangled")  # of the generator's token vectors


class ReplacedToken(Objective):
    """A generator fills masks by its own samples; the encoder, as discriminator, finds them.

    The generator shares the embedding with the encoder and learns masked LM at the same time; no
    gradient goes through what it samples.

    Args:
        rate: Share of the pieces that the generator fills.
        unit: Unit of masking, as in `Masking`.
        generator_size: The generator's share of the encoder's heads and sizes.
        generator_weight: Weight of the generator's loss.
        weight: Weight of the discriminator's loss.
        disallow_correct: Whether the generator's samples are never the true piece.
        mask_share: Share of the chosen pieces that the generator sees as [MASK]; it sees the rest
            as they are.
        sharing: `shared`, one embedding that both losses train (ELECTRA); or `disentangled`, where
            the discriminator adds a table of its own to the generator's token vectors, and its
            loss trains that table alone (He et al. 2023, section 3.3).
        enhanced_decoder: Whether the generator predicts by an enhanced mask decoder, as in
            `MaskedLM`; its directory then holds no vocabulary head.
    """

    requires = ("token_ids", "padding_mask", "draw_seed")
    provides = Masking.provides
    visibility = "bidirectional"
    metrics = (
        "generator_loss", "masked_accuracy", "masked_share", "generator_distinct", "rtd_loss",
        "rtd_accuracy", "rtd_precision", "rtd_recall", "rtd_auc",
    )  # fmt: skip

    def __init__(
        self,
        rate: PositiveShare = 0.15,
        unit: Unit = "token",
        generator_size: Positive = 0.25,
        generator_weight: NonNegative = 1.0,
        weight: NonNegative = 50.0,
        disallow_correct: bool = False,
        mask_share: Share = 0.85,
        sharing: Annotated[str, Choice(SHARINGS)] = "shared",
        enhanced_decoder: bool = False,
    ):
        super().__init__()
        self.sharing = sharing
        self.enhanced_decoder = enhanced_decoder
        self._positions: DecoderPositions | None = None
        self._residual: TokenEmbedding | None = None
        self.masking = Masking(rate, unit, mask_share=mask_share, random_share=0.0)
        self.generator_size = generator_size
        self.generator_weight = generator_weight
        self.weight = weight
        self.disallow_correct = disallow_correct
        self.expected = {"masked_share": rate}

    def build(self, encoder, dtype=None) -> None:
        self.check(encoder)
        generator = encoder.generator(self.generator_size)
        self.heads = [ReplacedTokenHead.over(encoder, dtype)]
        self._generator, self._head = generator, MaskedLMHead.over(generator, dtype)
        if self.enhanced_decoder:
            self._positions = DecoderPositions.over(generator, dtype)
            self.companions = {"generator": (generator, [])}
            self.extras = [self._positions, self._head]
        else:
            self.companions = {"generator": (generator, [self._head])}
        if self.sharing == "disentangled":
            table = encoder.token_embedding
            self._residual = TokenEmbedding(
                table.vocabulary_size, table.dim, name="token_residual", dtype=table.dtype_policy
            )
            self._residual.build()
            self._residual.embeddings.assign(tf.zeros_like(self._residual.embeddings))
            self.extras = [*self.extras, self._residual]

    @contextlib.contextmanager
    def folded(self, encoder):
        table = encoder.token_embedding.embeddings
        shared = table.numpy()
        if self._residual is not None:
            table.assign(shared + self._residual.embeddings.numpy())
        try:
            yield
        finally:
            table.assign(shared)

    def unfold(self, vectors: np.ndarray) -> None:
        if self._positions is not None:
            self._positions.tell_of_new_start()
        if self._residual is not None:
            shared = self._generator.token_embedding.embeddings.numpy()
            self._residual.embeddings.assign(vectors - shared)

    def corrupt(self, features: dict, vocabulary) -> dict:
        return self.masking.corrupt(features, vocabulary)

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        return {
            "generator": masked_weight(features),
            "replaced_token": tf.reduce_sum(tf.cast(features["padding_mask"], tf.float32)),
        }

    def prepare(self, features: dict, seed: tf.Tensor | None) -> tuple[dict, Scores]:
        # Another seed than the encoder's, for dropout that is its own.
        own = None if seed is None else random.split(seed, 2)[1]
        read = features if self._positions is None else self._positions.added(features)
        outputs = self._generator(read, seed=own)
        states = outputs["decoded" if self.enhanced_decoder else "sequence"]
        logits = self._head(gather_positions(states, features["mask_positions"]))
        found = kernels.cross_entropy(logits, tf.reshape(features["mask_ids"], [-1]))
        scores = masked_scores(found, features, "generator", self.generator_weight)
        sampled = self._sample(logits, features)
        scores.metrics["generator_distinct"] = distinct(sampled, features["mask_weights"])
        weights = features["mask_weights"]
        token_ids = put(features["token_ids"], features["mask_positions"], weights, sampled)
        changed = tf.cast(sampled != features["mask_ids"], tf.int32)
        clean = tf.zeros_like(token_ids)
        replaced = put(clean, features["mask_positions"], weights, changed)
        features = {**features, "token_ids": token_ids, "replaced": replaced}
        if self._residual is not None:
            features["token_residual"] = self._residual(token_ids)
        return features, scores

    def _sample(self, logits, features):
        mask_ids = features["mask_ids"]
        slots = mask_ids.shape[1]
        # The first two of a row's seeds have drawn its masks. Then, a seed for each slot.
        own = random.split_rows(features["draw_seed"], 3)[2]
        words = tf.reshape(random.row_bits(own, 2 * slots), [-1, 2])  # (batch * slots, 2)
        seeds = tf.bitcast(words, tf.int32)
        excluded = tf.reshape(mask_ids, [-1]) if self.disallow_correct else None
        return tf.reshape(kernels.gumbel_sample(logits, seeds, excluded), tf.shape(mask_ids))

    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        logits = tf.reshape(self.heads[0](outputs["sequence"]), [-1])  # (batch * seq)
        weights = tf.cast(tf.reshape(features["padding_mask"], [-1]), tf.float32)
        labels = tf.cast(tf.reshape(features["replaced"], [-1]), tf.float32)
        loss = tf.nn.sigmoid_cross_entropy_with_logits(labels=labels, logits=logits)
        total, count = tf.reduce_sum(loss * weights), tf.reduce_sum(weights)
        found = tf.cast(logits > 0, tf.float32) * weights
        right = tf.reduce_sum(found * labels)
        agreed = tf.cast((logits > 0) == (labels > 0), tf.float32)
        return Scores(
            losses={"replaced_token": self.weight * total},
            metrics={
                "rtd_loss": (total, count),
                "rtd_accuracy": (tf.reduce_sum(agreed * weights), count),
                "rtd_precision": (right, tf.reduce_sum(found)),
                "rtd_recall": (right, tf.reduce_sum(labels * weights)),
                "rtd_auc": area_under_curve(logits, labels, weights),
            },
        )


def distinct(ids: tf.Tensor, weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Number of different ids, and number of ids.

    Example:
        >>> distinct([[7, 9], [7, 5]], [[1.0, 1.0], [1.0, 0.0]])
        2.0, 3.0

    Args:
        ids: int32 `[batch, n]`.
        weights: float32 `[batch, n]`; 0 where an id does not count.
    """
    ids = tf.sort(tf.reshape(tf.where(weights > 0, ids, -1), [-1]))
    first = tf.concat([ids[:1] >= 0, (ids[1:] > ids[:-1])], axis=0)
    return tf.reduce_sum(tf.cast(first, tf.float32)), tf.reduce_sum(weights)


def area_under_curve(
    scores: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Area under the ROC curve of one batch, and 1; both 0 where a class is missing.

    It is the chance that a positive scores above a negative (Hanley and McNeil 1982); over an
    interval, the mean over the batches is reported.

    Example:
        >>> area_under_curve([0.1, 0.4, 0.35, 0.8], [0.0, 0.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0])
        0.75, 1.0

    Args:
        scores: float32 `[n]`.
        labels: float32 `[n]`, 0 or 1.
        weights: float32 `[n]`; 0 where there is nothing.
    """
    order = tf.argsort(scores, stable=True)
    positive, negative = (
        tf.gather(labels * weights, order),
        tf.gather((1 - labels) * weights, order),
    )
    below = tf.cumsum(negative)
    pairs = tf.reduce_sum(positive) * tf.reduce_sum(negative)
    area = tf.math.divide_no_nan(tf.reduce_sum(positive * below), pairs)
    return area, tf.cast(pairs > 0, tf.float32)
