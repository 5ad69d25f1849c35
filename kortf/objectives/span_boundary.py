"""Span boundary objective (Joshi et al. 2019, SpanBERT, section 3.2)."""

import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.embeddings import pack_positions
from kortf.layers.heads.span_boundary_head import SpanBoundaryHead, gather_boundaries
from kortf.objectives.masking import Style, masked_weight, weighted_sums
from kortf.objectives.objective import Objective, Scores
from kortf.ranges import NonNegative


class SpanBoundary(Objective):
    """Predict each piece of a hidden span from the two tokens beside the span alone.

    What is hidden is drawn by an objective before it: `masked_lm` with `unit="span"`.

    Args:
        style: Form of the head, `faithful` to the paper or `compatible` with the small Korean
            SpanBERT (see `SpanBoundaryHead`).
        weight: Weight of the loss.
    """

    requires = (
        "token_ids",
        "padding_mask",
        "mask_positions",
        "mask_ids",
        "mask_weights",
        "span_starts",
        "span_ends",
    )
    visibility = "bidirectional"
    metrics = ("sbo_loss", "sbo_accuracy")

    def __init__(self, style: Style = "faithful", weight: NonNegative = 1.0):
        super().__init__()
        self.style = style
        self.weight = weight

    def build(self, encoder, dtype=None) -> None:
        self.check(encoder)
        self.heads = [SpanBoundaryHead.over(encoder, self.style, dtype)]

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        return {"span_boundary": masked_weight(features)}

    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        boundaries = gather_boundaries(
            outputs["sequence"], features["span_starts"], features["span_ends"]
        )
        logits = self.heads[0](boundaries, tf.reshape(self._positions(features), [-1]))
        found = kernels.cross_entropy(logits, tf.reshape(features["mask_ids"], [-1]))
        total, correct, count = weighted_sums(found, features)
        return Scores(
            losses={"span_boundary": self.weight * total},
            metrics={"sbo_loss": (total, count), "sbo_accuracy": (correct, count)},
        )

    def _positions(self, features: dict) -> tf.Tensor:
        """Return the position input of the head; int32 `[batch, max_masked]`."""
        places = features["mask_positions"]
        if self.style == "faithful":
            return places - features["span_starts"]
        if "pack_ids" in features:
            return tf.gather(pack_positions(features["pack_ids"]), places, batch_dims=1)
        return places
