"""The contract of an encoder, on which objectives and tasks rely."""

import abc
import inspect
from typing import ClassVar

import keras
import tensorflow as tf

from kortf.layers.embeddings import TokenEmbedding

BIDIRECTIONAL, CAUSAL, PREFIX = "bidirectional", "causal", "prefix"
"""Attention visibilities.

A position sees every token of its packed example, or only itself and the tokens before it, or these
and all tokens for which the feature `prefix_mask` is true.
"""


class Encoder(keras.layers.Layer, abc.ABC):
    """Turn a batch of features into one vector per token and one per row.

    A subclass takes its sizes as keyword arguments, makes all weights in `build`, and declares each
    argument in one of four tuples; a class with an argument that is in none of them is an error.

    Class attributes:
        shapes: Arguments that change which tensors there are, or their shapes.
        meaning: Arguments that change what the weights mean, but not their shapes.
        adjustable: Arguments that change what the weights compute, and that a later phase of
            training may change, such as the base of rotary positions for longer rows.
        free: Arguments that may differ between the runs that share the weights.
        visibilities: Attention visibilities that `call` supports, the default first.
        head_bias: Whether the transforms of its heads have offsets.
        decodes: Whether `call` runs an enhanced mask decoder on the feature `query_positions`.
        families: Modules of `kortf.pretrained.families` that may write it to a model directory, in
            the order in which they are tried. A dotted name is a module on `PYTHONPATH`.

    Attributes:
        token_embedding: Table by which a tied head scores the vocabulary.
        hidden_dim: Size of the vectors that it returns.
        causal: Whether a position sees only itself and what is before it, by default.
        settings: Arguments of the constructor, complete with defaults (without `dtype`).
        role: First part of the names of its variables in a checkpoint, whatever its Keras name is.
    """

    shapes: ClassVar[tuple[str, ...]] = ()
    meaning: ClassVar[tuple[str, ...]] = ()
    adjustable: ClassVar[tuple[str, ...]] = ()
    free: ClassVar[tuple[str, ...]] = ()
    visibilities: ClassVar[tuple[str, ...]] = (BIDIRECTIONAL,)
    families: ClassVar[tuple[str, ...]] = ()
    token_embedding: TokenEmbedding
    hidden_dim: int
    causal: bool = False
    head_bias: ClassVar[bool] = True
    decodes: ClassVar[bool] = False

    def __init__(self, settings: dict, dtype=None):
        super().__init__(dtype=dtype)
        self.settings = settings
        self.role = "encoder"

    def __init_subclass__(cls, **options):
        super().__init_subclass__(**options)
        keras.saving.register_keras_serializable(cls.__module__)(cls)
        if "__init__" not in vars(cls):
            return
        declared = {*cls.shapes, *cls.meaning, *cls.adjustable, *cls.free, "self", "dtype"}
        parameters = inspect.signature(cls.__init__).parameters.values()
        names = {each.name for each in parameters if each.kind is not each.VAR_KEYWORD}
        if undeclared := names - declared:
            raise TypeError(
                f"{cls.__module__}.{cls.__name__}: declare {', '.join(sorted(undeclared))} in "
                "shapes, meaning, adjustable or free"
            )

    @classmethod
    def arguments(cls, given: dict) -> dict:
        """Return `given` (the locals of the class's `__init__`) in the signature's order."""
        names = inspect.signature(cls.__init__).parameters
        return {name: given[name] for name in names if name not in ("self", "dtype")}

    @classmethod
    def tensor_layout(cls, settings: dict) -> dict:
        """Return what of the settings decides which tensors there are, and their shapes.

        Weights fit an encoder where this is equal. A subclass removes what has no effect beside its
        other settings, and writes equal things in one way.

        Args:
            settings: All settings of an encoder of this class.
        """
        return {name: settings[name] for name in cls.shapes}

    @abc.abstractmethod
    def depths(self, name: str) -> tuple[int, ...]:
        """Return the depths at which a variable is used, for layer-wise learning-rate decay.

        Args:
            name: Path of the variable below the encoder, such as `pooler/kernel`.

        Returns:
            0 for embeddings, 1, 2, … for the layers, `top_depth` beside the head. A variable that
            several layers share has the depth of each of them.

        Raises:
            KeyError: There is no such variable.
        """

    @property
    @abc.abstractmethod
    def top_depth(self) -> int:
        """Return the depth of a head on this encoder."""

    @abc.abstractmethod
    def call(
        self,
        batch: dict[str, tf.Tensor],
        seed: tf.Tensor | None = None,
        visibility: str | None = None,
    ) -> dict:
        """Encode a batch.

        Args:
            batch: `token_ids`, `padding_mask` and, where there are any, `segment_ids` and
                `pack_ids`, each int32 `[batch, seq]`; with the visibility `prefix`, also
                `prefix_mask` bool `[batch, seq]`.
            seed: int32 `[2]` of dropout; None for inference.
            visibility: One of `visibilities`; None for the first.

        Returns:
            `{"sequence": [batch, seq, dim], "pooled": [batch, dim]}`. With the feature
            `query_positions`, float `[batch or 1, seq, dim]`, there is also
            `"decoded": [batch, seq, dim]`, from which masked pieces are predicted.
        """

    def get_config(self) -> dict:
        """Return the settings, for Keras."""
        return super().get_config() | self.settings

    @classmethod
    def from_config(cls, config: dict) -> "Encoder":
        """Make an encoder from `get_config()`, without weights."""
        config = dict(config)
        name, trainable = config.pop("name", None), config.pop("trainable", True)
        encoder = cls(**config)
        encoder.name, encoder.trainable = name or encoder.name, trainable
        return encoder
