"""Weights of a transformer encoder, as arrays, for the graphs that serve it."""

import dataclasses
from typing import NamedTuple

import numpy as np

from kortf.layers.attention.attention import SelfAttention
from kortf.layers.embeddings import TransformerEmbedding
from kortf.layers.norm import LayerNorm
from kortf.layers.transformer import ACTIVATIONS, FeedForward, TransformerLayer, TransformerStack
from kortf.models.encoder import BIDIRECTIONAL, Encoder
from kortf.models.transformer import TransformerEncoder


def supports(encoder: Encoder) -> bool:
    """Return whether `TransformerWeights` describe what an encoder computes.

    Each part must be of a known class, not of a subclass: one that computes something else must
    not be taken for what it extends.
    """
    if not isinstance(encoder, TransformerEncoder) or encoder.causal:
        return False
    methods = ("call", "_encode", "_embed", "_outputs", "_summary")
    if any(getattr(type(encoder), m) is not getattr(TransformerEncoder, m) for m in methods):
        return False
    if encoder.visibilities[0] != BIDIRECTIONAL:
        return False
    parts = [(encoder.layers, TransformerStack), (encoder.embedding, TransformerEmbedding)]
    for layer in getattr(encoder.layers, "layers", ()):
        norms = (layer.attention_norm, layer.output_norm)
        parts += [(layer, TransformerLayer), *((norm, LayerNorm) for norm in norms)]
        parts += [(layer.attention, SelfAttention), (layer.feed_forward, FeedForward)]
    if any(type(part) is not known for part, known in parts):
        return False
    settings = encoder.settings
    return settings["positions"] == "learned" and settings["activation"] in ACTIVATIONS


class Dense(NamedTuple):
    """Kernel `[in, out]` and bias `[out]` of a product."""

    kernel: np.ndarray
    bias: np.ndarray


class Norm(NamedTuple):
    """Gamma and beta `[dim]` of a layer normalization, and its epsilon."""

    gamma: np.ndarray
    beta: np.ndarray
    epsilon: float


@dataclasses.dataclass(frozen=True)
class LayerWeights:
    """Weights of one layer; the query is scaled by the inverse root of the size of a head."""

    query: Dense
    key: Dense
    value: Dense
    out: Dense
    attention_norm: Norm
    first: Dense
    second: Dense
    output_norm: Norm


@dataclasses.dataclass(frozen=True)
class TransformerWeights:
    """Weights and settings of an encoder that `supports` accepts; all arrays are float32.

    Attributes:
        positions: `[max_length, dim]`; holds the segment vector if there is only one.
        segments: `[segments, dim]`; None where rows do not choose among segments.
        norm: Normalization of the embeddings; None if there is none.
        projection: From embedding size to hidden size; None if they are equal.
        layers: Sets of weights.
        repeats: Number of consecutive passes through each of them.
        final: Normalization after all layers, of a pre-norm encoder; None of a post-norm one.
        pooler: Product before the tanh of the first position; None if there is none.
        num_heads: Number of attention heads.
        hidden_dim: Size of the vectors.
        activation: Name of the activation.
        glu: Whether the activation of one half of the first product gates the other.
    """

    positions: np.ndarray
    segments: np.ndarray | None
    norm: Norm | None
    projection: Dense | None
    layers: list[LayerWeights]
    repeats: int
    final: Norm | None
    pooler: Dense | None
    num_heads: int
    hidden_dim: int
    activation: str
    glu: bool

    @classmethod
    def of(cls, encoder: TransformerEncoder) -> "TransformerWeights":
        """Read the weights of a built encoder; the token table stays its own variable."""
        settings, embedding, stack = encoder.settings, encoder.embedding, encoder.layers
        positions = _array(embedding.positions)[embedding.position_offset :]
        segments = _array(embedding.segments) if embedding.num_segments else None
        if embedding.num_segments == 1:
            positions, segments = positions + segments, None
        return cls(
            positions=positions,
            segments=segments,
            norm=None if embedding.norm is None else _norm(embedding.norm),
            projection=_dense(encoder.embedding_projection),
            layers=[_layer(layer, settings) for layer in stack.layers],
            repeats=stack.num_layers // len(stack.layers),
            final=_norm(stack.final_norm) if stack.norm == "pre" else None,
            pooler=_dense(encoder.pooler),
            num_heads=settings["num_heads"],
            hidden_dim=settings["hidden_dim"],
            activation=settings["activation"],
            glu=settings["feed_forward"] == "glu",
        )


def _layer(layer: TransformerLayer, settings: dict) -> LayerWeights:
    attention, inner = layer.attention, layer.feed_forward
    scale = (settings["hidden_dim"] // settings["num_heads"]) ** -0.5
    query = _pair(attention.query_kernel, attention.query_bias)
    return LayerWeights(
        query=Dense(query.kernel * scale, query.bias * scale),
        key=_pair(attention.key_kernel, attention.key_bias),
        value=_pair(attention.value_kernel, attention.value_bias),
        out=_pair(attention.output_kernel, attention.output_bias),
        attention_norm=_norm(layer.attention_norm),
        first=_pair(inner.intermediate_kernel, inner.intermediate_bias),
        second=_pair(inner.output_kernel, inner.output_bias),
        output_norm=_norm(layer.output_norm),
    )


def _dense(layer) -> Dense | None:
    return None if layer is None else _pair(layer.kernel, layer.bias)


def _pair(kernel, bias) -> Dense:
    return Dense(_array(kernel), _array(bias))


def _norm(layer: LayerNorm) -> Norm:
    gamma = _array(layer.gamma)
    return Norm(gamma, _array(layer.beta) if layer.bias else np.zeros_like(gamma), layer.epsilon)


def _array(variable) -> np.ndarray:
    return np.asarray(variable.numpy(), np.float32)
