"""Masking: its rate, its units and its replacements."""

import math
from typing import Annotated

import numpy as np
import tensorflow as tf

from kortf.layers import random
from kortf.objectives import corruption, spans
from kortf.objectives.objective import Scores
from kortf.ranges import Choice, PositiveShare, Share

STYLES = ("faithful", "compatible")
UNITS = ("token", "word", "ngram", "span")
Style = Annotated[str, Choice(STYLES)]
Unit = Annotated[str, Choice(UNITS)]
# Lengths in words: ALBERT's n-grams (Lan et al. 2020), SpanBERT's spans (Joshi et al. 2019), and
# those of the small Korean SpanBERT that `compatible` follows.
LAWS = {
    ("ngram", "faithful"): spans.harmonic(3),
    ("span", "faithful"): spans.geometric(0.2, 10),
    ("span", "compatible"): spans.harmonic(10),
}
# Units are masked whole: slots beyond the rate, so that the last unit is seldom cut.
# With three pieces an eojeol and 128 tokens, spans hide 2 % less than asked; with two, no less.
SLACK = {"token": 0, "word": 6, "ngram": 8, "span": 12}
# A word at least lies between two n-grams or spans: there is no more to be hidden than the rest.
MOST = {"token": 1.0, "word": 1.0, "ngram": 0.5, "span": 0.5}


class Masking:
    """Hide pieces and says which they were; drawn anew each time a record is read.

    Args:
        rate: Share of the pieces that are to be predicted.
        unit: `token` draws single pieces, `word` whole eojeol, `ngram` one to three eojeol, the
            longer the rarer (ALBERT), `span` one to ten (SpanBERT).
        style: Law of the spans. `faithful` is the paper's: a geometric law of length, and one draw
            of mask, random or unchanged for a whole span. `compatible` is the small Korean
            SpanBERT's: lengths proportional to 1/length, a draw for each piece, any id but the
            unknown one as a random piece.
        mask_share: Share of the chosen pieces that become the mask.
        random_share: Share of them that become a random piece; the rest stays as it is.

    Raises:
        ValueError: For settings that make no sense.
    """

    provides = (
        "mask_positions",
        "mask_ids",
        "mask_weights",
        "mask_candidates",
        "span_starts",
        "span_ends",
    )

    def __init__(
        self,
        rate: PositiveShare = 0.15,
        unit: Unit = "token",
        style: Style = "faithful",
        mask_share: Share = 0.8,
        random_share: Share = 0.1,
    ):
        if style == "compatible" and unit != "span":
            raise ValueError("style='compatible' is a kind of spans: set unit='span' as well")
        if not 0 < rate < 1:
            raise ValueError(f"rate={rate}: choose a share between 0 and 1, such as 0.15")
        if rate > MOST[unit]:
            raise ValueError(
                f"rate={rate}: with unit='{unit}' words are left between, choose {MOST[unit]} or "
                "less"
            )
        if mask_share < 0 or random_share < 0 or mask_share + random_share > 1:
            raise ValueError("mask_share and random_share must lie in 0…1 and sum to at most 1")
        self.rate = rate
        self.unit = unit
        self.style = style
        self.mask_share = mask_share
        self.random_share = random_share

    def max_masked(self, length: int) -> int:
        """Slots a row of `length` tokens gets.

        Example:
            >>> Masking(rate=0.15, unit="word").max_masked(128)
            26
        """
        return min(length, math.ceil(self.rate * length) + SLACK[self.unit])

    def corrupt(self, features: dict, vocabulary) -> dict:
        """Draw what is hidden in a batch of clean features.

        Args:
            features: With `token_ids` int32 `[batch, seq]` and `draw_seed` int32 `[batch, 2]`.
            vocabulary: With `mask_id`, `unk_id`, `special_ids`, `starts_word` and `size`.

        Returns:
            The features with corrupted `token_ids` and all that `provides` names.
        """
        token_ids = features["token_ids"]
        special = np.zeros(vocabulary.size, dtype=bool)
        special[vocabulary.special_ids] = True
        candidates = ~tf.gather(special, token_ids)
        starts_word = tf.gather(np.asarray(vocabulary.starts_word), token_ids)
        choose_seeds, replace_seeds = random.split_rows(features["draw_seed"], 2)
        positions, weights = self._choose(candidates, starts_word, choose_seeds)
        starts, ends = spans.span_bounds(positions, weights)
        as_one = self.unit == "span" and self.style == "faithful"
        corrupted = corruption.replace(
            token_ids,
            positions,
            weights,
            vocabulary.mask_id,
            self._replacements(vocabulary, special),
            replace_seeds,
            self.mask_share,
            self.random_share,
            span_starts=starts if as_one else None,
        )
        return {
            **features,
            "token_ids": tf.ensure_shape(corrupted, token_ids.shape),
            "mask_positions": positions,
            "mask_ids": tf.gather(token_ids, positions, batch_dims=1),
            "mask_weights": weights,
            "mask_candidates": tf.reduce_sum(tf.cast(candidates, tf.int32), axis=1),
            "span_starts": starts,
            "span_ends": ends,
        }

    def _choose(self, candidates, starts_word, seeds) -> tuple[tf.Tensor, tf.Tensor]:
        slots = self.max_masked(candidates.shape[1])
        if self.unit == "token":
            return corruption.choose_tokens(candidates, self.rate, slots, seeds)
        if self.unit == "word":
            return corruption.choose_words(candidates, starts_word, self.rate, slots, seeds)
        law = LAWS[self.unit, self.style]
        return corruption.choose_spans(candidates, starts_word, law, self.rate, slots, seeds)

    def _replacements(self, vocabulary, special: np.ndarray) -> np.ndarray:
        """Return ids that a random piece is drawn from."""
        if self.style == "compatible":
            ids = np.arange(vocabulary.size, dtype=np.int32)
            return ids[ids != vocabulary.unk_id]
        return np.flatnonzero(~special).astype(np.int32)


def masked_scores(
    found: tuple[tf.Tensor, tf.Tensor], features: dict, name: str, weight: float = 1.0
) -> Scores:
    """Cross-entropy and accuracy at the hidden places, and how much was hidden.

    Args:
        found: Cross-entropy in nats and whether the prediction was right, each float32
            `[batch * max_masked]`.
        features: With `mask_ids`, `mask_weights` and `mask_candidates`.
        name: Name of the loss.
        weight: Weight of the loss.

    Returns:
        The loss `name`; the metrics `<name>_loss`, `masked_accuracy` and `masked_share`, the share
        of the tokens that were to be predicted among those that might have been.
    """
    total, correct, count = weighted_sums(found, features)
    candidates = tf.cast(tf.reduce_sum(features["mask_candidates"]), tf.float32)
    return Scores(
        losses={name: weight * total},
        metrics={
            f"{name}_loss": (total, count),
            "masked_accuracy": (correct, count),
            "masked_share": (count, candidates),
        },
    )


def weighted_sums(
    found: tuple[tf.Tensor, tf.Tensor], features: dict
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Sum over the hidden places of a batch.

    Args:
        found: Cross-entropy in nats and whether the prediction was right, each float32
            `[batch * max_masked]`.
        features: With `mask_weights`.

    Returns:
        Scalars `(loss, correct, count)`: cross-entropy in nats, right predictions, places.
    """
    weights = tf.reshape(features["mask_weights"], [-1])  # (batch * max_masked)
    loss, correct = found
    return tf.reduce_sum(loss * weights), tf.reduce_sum(correct * weights), tf.reduce_sum(weights)


def masked_weight(features: dict) -> tf.Tensor:
    """Number of hidden places, a scalar: what the loss is divided by."""
    return tf.reduce_sum(features["mask_weights"])
