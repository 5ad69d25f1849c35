"""Masked language modelling (Devlin et al. 2019, section 3.1)."""

import numpy as np
import tensorflow as tf
from keras import ops

from kortf.layers.heads.decoder_positions import DecoderPositions
from kortf.layers.heads.heads import MaskedLMHead, VocabularyLoss, gather_positions
from kortf.objectives.masking import Masking, Style, Unit, masked_scores, masked_weight
from kortf.objectives.objective import Objective, Scores
from kortf.ranges import Count, NonNegative, PositiveShare, Share


class MaskedLM(Objective):
    """Predict pieces that were hidden.

    Args:
        rate: Share of the pieces to be predicted.
        unit: Unit of masking: `token`, `word`, `ngram` or `span` (see `Masking`).
        style: Style of spans, `faithful` or `compatible` (see `Masking`).
        mask_share: Share of the chosen pieces that become the mask.
        random_share: Share of them that become a random piece; the rest stays as it is.
        weight: Weight of the loss.
        chunks: Parts in which the pieces are scored, to save memory; None for as many as their
            number asks for.
        enhanced_decoder: Whether pieces are predicted by an enhanced mask decoder, which adds
            absolute positions (He et al. 2021, section 3.2). The heads of model directories have
            none: its weights are in checkpoints, and the directory holds the encoder alone.
    """

    requires = ("token_ids", "padding_mask", "draw_seed")
    provides = Masking.provides
    visibility = "bidirectional"
    metrics = ("masked_lm_loss", "masked_accuracy", "masked_share")

    def __init__(
        self,
        rate: PositiveShare = 0.15,
        unit: Unit = "token",
        style: Style = "faithful",
        mask_share: Share = 0.8,
        random_share: Share = 0.1,
        weight: NonNegative = 1.0,
        chunks: Count | None = None,
        enhanced_decoder: bool = False,
    ):
        super().__init__()
        self.masking = Masking(rate, unit, style, mask_share, random_share)
        self.expected = {"masked_share": rate}
        self.weight = weight
        self.chunks = chunks
        self.enhanced_decoder = enhanced_decoder
        self._positions: DecoderPositions | None = None

    def build(self, encoder, dtype=None) -> None:
        self.check(encoder)
        head = MaskedLMHead.over(encoder, dtype)
        self._loss = VocabularyLoss(head, self.chunks)
        if self.enhanced_decoder:
            self._positions = DecoderPositions.over(encoder, dtype)
            self.extras = [self._positions, head]
        else:
            self.heads = [head]

    def corrupt(self, features: dict, vocabulary) -> dict:
        return self.masking.corrupt(features, vocabulary)

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        return {"masked_lm": masked_weight(features)}

    def prepare(self, features: dict, seed: tf.Tensor | None) -> tuple[dict, Scores]:
        features = features if self._positions is None else self._positions.added(features)
        return features, Scores({}, {})

    def unfold(self, vectors: np.ndarray) -> None:
        if self._positions is not None:
            self._positions.tell_of_new_start()

    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        states = outputs["decoded" if self.enhanced_decoder else "sequence"]
        x = gather_positions(states, features["mask_positions"])
        found = self._loss(x, ops.reshape(features["mask_ids"], (-1,)))
        return masked_scores(found, features, "masked_lm", self.weight)
