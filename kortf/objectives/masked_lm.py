"""Masked language modelling (Devlin et al. 2019, section 3.1), by piece or by whole eojeol."""

import math

import numpy as np
import tensorflow as tf

from kortf.layers import fused, random
from kortf.layers.heads import MaskedLMHead, gather_positions
from kortf.objectives import corruption
from kortf.objectives.objective import Objective, Scores

# Whole words come in lumps: this many slots beyond the rate keep the last one from being dropped.
WORD_SLACK = 4


class MaskedLM(Objective):
    """Predicts pieces that were hidden.

    Masks are drawn anew each time a record is read.

    Args:
        rate: share of the pieces to be predicted.
        unit: `token` draws single pieces, `word` whole eojeol.
        mask_share: share of the chosen pieces that become the mask.
        random_share: share of them that become a random piece; the rest stays as it is.
        weight: of the loss.
    """

    provides = ("mask_positions", "mask_ids", "mask_weights")

    def __init__(
        self,
        rate: float = 0.15,
        unit: str = "token",
        mask_share: float = 0.8,
        random_share: float = 0.1,
        weight: float = 1.0,
    ):
        super().__init__()
        if unit not in ("token", "word"):
            raise ValueError(f"masked_lm.unit='{unit}': choose 'token' or 'word'")
        if not 0 < rate < 1:
            raise ValueError(f"masked_lm.rate={rate}: choose a share between 0 and 1, such as 0.15")
        if mask_share < 0 or random_share < 0 or mask_share + random_share > 1:
            raise ValueError(
                "masked_lm: mask_share and random_share must lie in 0…1 and sum to at most 1"
            )
        self.rate = rate
        self.unit = unit
        self.mask_share = mask_share
        self.random_share = random_share
        self.weight = weight

    def build(self, encoder, dtype=None) -> None:
        if encoder.causal:
            raise ValueError(
                "masked_lm needs a bidirectional encoder: a causal one never sees what follows "
                "the mask; use causal_lm"
            )
        settings = encoder.settings
        head = MaskedLMHead(
            encoder.token_embedding,
            activation=settings["activation"],
            norm_epsilon=settings["norm_epsilon"],
            init_scale=settings["init_scale"],
            name="masked_lm",
            dtype=dtype,
        )
        head.build((None, encoder.hidden_dim))
        self.heads = [head]

    def max_masked(self, length: int) -> int:
        """Slots a row of `length` tokens gets."""
        slack = WORD_SLACK if self.unit == "word" else 0
        return min(length, math.ceil(self.rate * length) + slack)

    def corrupt(self, features: dict, seed: tf.Tensor, vocabulary) -> dict:
        token_ids = features["token_ids"]
        special = np.zeros(vocabulary.size, dtype=bool)
        special[vocabulary.special_ids] = True
        candidates = ~tf.gather(special, token_ids)
        slots = self.max_masked(token_ids.shape[1])
        choose_seed, replace_seed = random.split(seed, 2)
        if self.unit == "token":
            positions, weights = corruption.choose_tokens(candidates, self.rate, slots, choose_seed)
        else:
            starts = tf.gather(np.asarray(vocabulary.starts_word), token_ids)
            positions, weights = corruption.choose_words(
                candidates, starts, self.rate, slots, choose_seed
            )
        corrupted = corruption.replace(
            token_ids,
            positions,
            weights,
            vocabulary.mask_id,
            np.flatnonzero(~special).astype(np.int32),
            replace_seed,
            self.mask_share,
            self.random_share,
        )
        return {
            **features,
            "token_ids": tf.ensure_shape(corrupted, token_ids.shape),
            "mask_positions": positions,
            "mask_ids": tf.gather(token_ids, positions, batch_dims=1),
            "mask_weights": weights,
        }

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        return {"masked_lm": tf.reduce_sum(features["mask_weights"])}

    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        x = gather_positions(outputs["sequence"], features["mask_positions"])
        labels = tf.reshape(features["mask_ids"], [-1])  # (batch * max_masked)
        weights = tf.reshape(features["mask_weights"], [-1])
        loss, correct = fused.cross_entropy(self.heads[0](x), labels)
        total, count = tf.reduce_sum(loss * weights), tf.reduce_sum(weights)
        return Scores(
            losses={"masked_lm": self.weight * total},
            metrics={
                "masked_lm_loss": (total, count),
                "masked_accuracy": (tf.reduce_sum(correct * weights), count),
            },
        )
