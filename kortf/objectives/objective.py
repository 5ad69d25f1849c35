"""The contract of a pretraining objective."""

import abc
import contextlib
import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf


@dataclasses.dataclass
class Scores:
    """Losses and metrics of one batch.

    Attributes:
        losses: Name to the *sum* of weighted losses (scalar, nats). The loop divides by the global
            sum of the weights of that name, so that replicas and accumulation change nothing.
        metrics: Name to `(sum, count)`, scalars; their quotient over an interval is what is
            reported.
    """

    losses: dict[str, tf.Tensor]
    metrics: dict[str, tuple[tf.Tensor, tf.Tensor]]


class Objective(abc.ABC):
    """A pretraining objective: corruption of the input, prediction and score.

    A subclass takes its settings as keyword arguments and meets this contract; it knows no model.

    Attributes:
        requires: Features that the records or an objective before it must provide.
        provides: Features that `corrupt` adds or changes.
        visibility: Attention visibility that it needs of the encoder: `bidirectional`, `causal` or
            `prefix`; None for any.
        metrics: Names of the metrics that `prepare` and `score` return.
        pairing: Pairing that the records must have, or None for any.
        heads: Layers that `build` has made.
        companions: Name to `(encoder, heads)` of encoders that are trained beside the one that the
            recipe is for, such as a generator; made by `build`.
        extras: Layers that are trained and kept in checkpoints, but are part of no model directory.
        expected: Metric to the value that the settings ask for, such as the share of masked tokens.
    """

    requires: tuple[str, ...] = ("token_ids", "padding_mask")
    provides: tuple[str, ...] = ()
    visibility: str | None = None
    metrics: tuple[str, ...] = ()
    pairing: str | None = None

    def __init__(self):
        self.heads: list = []
        self.companions: dict[str, tuple[Any, list]] = {}
        self.extras: list = []
        self.expected: dict[str, float] = {}

    def check(self, encoder) -> None:
        """Raise a ValueError unless the encoder supports the visibility that this one needs."""
        if self.visibility is None or self.visibility in encoder.visibilities:
            return
        kind = type(self).__module__.rpartition(".")[2]
        cure = (
            "use causal_lm"
            if encoder.visibilities[0] == "causal"
            else "choose one such as gpt, or use masked_lm"
        )
        raise ValueError(
            f"{kind} needs an encoder with {self.visibility} attention, this one has "
            f"{' or '.join(encoder.visibilities)}; {cure}"
        )

    @abc.abstractmethod
    def build(self, encoder, dtype=None) -> None:
        """Make the heads for an encoder.

        Args:
            encoder: Anything with `token_embedding`, `hidden_dim`, `causal`, `settings` and
                `generator`.
            dtype: Keras dtype or policy.
        """

    def corrupt(self, features: dict, vocabulary) -> dict:
        """Draw what is hidden in a batch of clean features, inside tf.data and vectorised.

        Args:
            features: Clean features, `[batch, …]`. What is drawn for a row is drawn by its
                `draw_seed`, a function of the run's seed, the step and the row's place in the
                global batch: whoever reads only some of the rows draws the same for them.
            vocabulary: With `mask_id`, `special_ids`, `starts_word` and `size`.

        Returns:
            The features with what the objective provides.
        """
        return features

    @abc.abstractmethod
    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Sum of the loss weights in a batch, by loss name: known before the model runs."""

    def prepare(self, features: dict, seed: tf.Tensor | None) -> tuple[dict, Scores]:
        """Change the batch once more, inside the graph, before the encoder reads it.

        Args:
            features: Features from `corrupt`.
            seed: int32 `[2]` of dropout; None for evaluation. What must not depend on the number of
                replicas is drawn by `features["draw_seed"]`.

        Returns:
            The features for the encoder, and what is to be scored on the way to them.
        """
        return features, Scores({}, {})

    def folded(self, encoder) -> contextlib.AbstractContextManager:
        """Return a context in which the encoder's own weights hold all that it computes with."""
        del encoder
        return contextlib.nullcontext()

    def unfold(self, vectors: np.ndarray) -> None:
        """Set `extras` after the weights of a model directory have been read.

        Args:
            vectors: Token vectors of the directory's encoder, `[vocabulary_size, dim]`; those of
                its companions have been read over them.
        """
        del vectors

    @abc.abstractmethod
    def score(self, outputs: dict, features: dict, seed: tf.Tensor | None) -> Scores:
        """Score the encoder's `outputs` on a batch; `seed` is None for evaluation."""
