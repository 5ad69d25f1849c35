"""Reversible residual layers: what comes out says what went in, so that none of it is kept."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

import keras
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers import random
from kortf.layers.chunked import in_chunks
from kortf.layers.functional import Functional
from kortf.layers.kernels.compiled import one_function, own_gradient
from kortf.layers.lsh.self_attention import LSHContext
from kortf.layers.norm import LayerNorm
from kortf.layers.transformer import FeedForward, check_groups

# Values between the products of the feed-forward network that are held at a time.
_VALUES_AT_A_TIME = 2**23
# Output of the two streams to the width of its vectors, in widths of one stream.
STREAMS = {"mean": 1, "concatenated": 2}


class ReversibleLayer(keras.layers.Layer):
    """The two functions of a reversible layer, each with a normalisation before it.

    Args:
        attention: Layer called as `attention(x, context=…, seed=…, plan=…)`, which returns
            `[batch, seq, dim]` and a plan, such as `LSHSelfAttention`.
        feed_forward: Layer called as `feed_forward(x)`, such as `FeedForward`.
        dropout: Rate on the output of both.
        norm_epsilon: Epsilon of the normalisations.
        feed_forward_chunks: Parts in which the positions go through the feed-forward network; None
            for as many as their number needs.
    """

    def __init__(
        self,
        attention: keras.layers.Layer,
        feed_forward: FeedForward,
        dropout: float = 0.1,
        norm_epsilon: float = 1e-12,
        feed_forward_chunks: int | None = None,
        **kwargs,
    ):
        super().__init__(**kwargs)
        if feed_forward_chunks is not None and feed_forward_chunks < 1:
            raise ValueError(f"feed_forward_chunks={feed_forward_chunks}: choose 1 or more")
        policy = self.dtype_policy
        self.dropout = dropout
        self.feed_forward_chunks = feed_forward_chunks
        self.attention_norm = LayerNorm(norm_epsilon, name="attention_norm", dtype=policy)
        self.attention = attention
        self.output_norm = LayerNorm(norm_epsilon, name="output_norm", dtype=policy)
        self.feed_forward = feed_forward

    def build(self, input_shape):
        for part in (self.attention_norm, self.attention, self.output_norm, self.feed_forward):
            part.build(input_shape)
        attend = Functional(self._attend, [self.attention_norm, self.attention])
        transform = Functional(self._transform, [self.output_norm, self.feed_forward])
        # Behind a function: Keras would take the weights that they hold for more weights.
        self.functions = lambda: (attend, transform)
        self.built = True

    def attend(self, weights, x, context: LSHContext, seeds, plan=None):
        """Apply the first function.

        Args:
            weights: Weights of the first of `functions`.
            x: float32 `[batch, seq, dim]`.
            context: Context of the attention.
            seeds: Two seeds int32 `[2]`, or two None for inference.
            plan: Plan of the attention, if it was computed before.

        Returns:
            float32 `[batch, seq, dim]`, and the plan.
        """
        x, plan = self.functions()[0](weights, x, context, seeds[0], plan)
        return tf.cast(kernels.dropout(x, self.dropout, seeds[1]), tf.float32), plan

    def transform(self, weights, x, seed):
        """Apply the second function: float32 `[batch, seq, dim]` to the same."""
        dim = x.shape[-1]
        rows = tf.reshape(x, [-1, dim])  # (batch * seq, dim)
        result = tf.TensorSpec([dim], self.compute_dtype)
        (y,) = in_chunks(self.functions()[1], weights, [rows], [result], self._chunks(x))
        y = tf.reshape(y, [-1, x.shape[1] or tf.shape(x)[1], dim])
        return tf.cast(kernels.dropout(y, self.dropout, seed), tf.float32)

    def first_half(self, weights, x1, x2, context: LSHContext, seeds):
        """Its first stream, and the plan: `x1 + attend(x2)`."""
        attended, plan = self.attend(weights, x2, context, seeds)
        return x1 + attended, plan

    def second_half(self, weights, y1, x2, seed):
        """Its second stream: `x2 + transform(y1)`."""
        return x2 + self.transform(weights, y1, seed)

    def undo_second_half(self, weights, y1, y2, d1, d2, seed):
        """From the second stream and the gradients of both: `x2`, the gradient of `y1`, and those
        of the weights."""
        transformed, more, gradients = _with_gradients(
            lambda: self.transform(weights, y1, seed), y1, weights, d2
        )
        return y2 - transformed, d1 + more, gradients

    def undo_first_half(self, weights, y1, x2, d1, d2, context: LSHContext, seeds, plan):
        """From the first stream and the gradients of both: `x1`, the gradient of `x2`, and those of
        the weights."""
        attended, more, gradients = _with_gradients(
            lambda: self.attend(weights, x2, context, seeds, plan)[0], x2, weights, d1
        )
        return y1 - attended, d2 + more, gradients

    def _chunks(self, x) -> int:
        if self.feed_forward_chunks is not None:
            return self.feed_forward_chunks
        values = (x.shape[0] or 1) * (x.shape[1] or 1) * self.feed_forward.intermediate_dim
        return -(-values // _VALUES_AT_A_TIME)

    def _attend(self, x, context, seed, plan):
        return self.attention(self.attention_norm(x), context=context, seed=seed, plan=plan)

    def _transform(self, rows):
        return (self.feed_forward(self.output_norm(rows)),)


class ReversibleStack(keras.layers.Layer):
    """A row of reversible layers (Gomez et al. 2017; Kitaev et al. 2020, section 3).

    Two equal streams enter; each layer computes `y1 = x1 + attend(x2)` and `y2 = x2 +
    transform(y1)`. The result is their mean, or both concatenated, normalized. The backward pass
    computes the input of each layer from its output, with the same dropout and the same plans: per
    layer, memory grows only by the plans, a few integers a position. The streams are float32 in
    any dtype of the layers, because the backward pass subtracts what the forward pass added.

    Args:
        layers: Layers with weights of their own. An equal number of consecutive passes share each
            of them.
        num_layers: Passes; `len(layers)` if None.
        norm_epsilon: Epsilon of the final normalisation.
        streams: Output of the two streams, a key of `STREAMS`.
    """

    def __init__(
        self,
        layers: Sequence[ReversibleLayer],
        num_layers: int | None = None,
        norm_epsilon: float = 1e-12,
        streams: str = "mean",
        dtype=None,
    ):
        super().__init__(name="layers", dtype=dtype)
        if streams not in STREAMS:
            raise ValueError(f"streams='{streams}': choose one of {', '.join(STREAMS)}")
        self.layers = list(layers)
        self.num_layers = num_layers or len(self.layers)
        check_groups(len(self.layers), self.num_layers)
        self.streams = streams
        self.final_norm = LayerNorm(norm_epsilon, name="final_norm", dtype=dtype)

    def build(self, input_shape):
        for layer in self.layers:
            layer.build(input_shape)
        self.final_norm.build((*input_shape[:-1], self.width(input_shape[-1])))
        # Functions of weights: those of one layer do for all, so that no graph grows with depth.
        layer = self.layers[0]
        functions = (
            layer.first_half, layer.second_half, layer.undo_second_half, layer.undo_first_half
        )  # fmt: skip
        own, shared = _Halves(*functions), _Halves(*map(one_function, functions))
        self._halves = lambda context: shared if context.cache is None else own
        self.built = True

    def width(self, dim: int) -> int:
        """Return the size of the vectors that come out where those of size `dim` go in."""
        return STREAMS[self.streams] * dim

    def call(self, x, context: LSHContext, seeds):
        """Run `x` `[batch, seq, dim]` through all layers; `seeds` are three for each layer."""
        repeats = self.num_layers // len(self.layers)
        row = [layer for layer in self.layers for _ in range(repeats)]
        contexts = _contexts(context, self.num_layers)
        triples = [seeds[i : i + 3] for i in range(0, len(seeds), 3)]
        halves = [self._halves(context)] * self.num_layers
        steps = [_Step(*parts) for parts in zip(row, halves, contexts, triples, strict=True)]
        y1, y2 = _run(tf.cast(x, tf.float32), steps)
        if self.streams == "concatenated":
            return self.final_norm(tf.concat([y1, y2], axis=-1))
        return self.final_norm((y1 + y2) / 2)


class _Halves(NamedTuple):
    """Forward and backward pass of a layer, as functions of its weights."""

    first: Callable
    second: Callable
    undo_second: Callable
    undo_first: Callable


class _Step(NamedTuple):
    """One layer of one pass."""

    layer: ReversibleLayer
    halves: _Halves
    context: LSHContext
    seeds: Sequence[tf.Tensor | None]

    def weights(self) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        attend, transform = self.layer.functions()
        return attend.weights(), transform.weights()

    def forward(self, weights, x1, x2):
        y1, plan = self.halves.first(weights[0], x1, x2, self.context, self.seeds[:2])
        return y1, self.halves.second(weights[1], y1, x2, self.seeds[2]), plan

    def backward(self, weights, plan, y1, y2, d1, d2):
        """Return the input, its gradients, and those of both sets of weights."""
        x2, d1, second = self.halves.undo_second(weights[1], y1, y2, d1, d2, self.seeds[2])
        x1, d2, first = self.halves.undo_first(
            weights[0], y1, x2, d1, d2, self.context, self.seeds[:2], plan
        )
        return x1, x2, d1, d2, (first, second)


def _with_gradients(function, x, weights, upstream):
    """Return the value of a function of `x` and weights, and the gradients of both."""
    with tf.GradientTape() as tape:
        tape.watch([x, *weights])
        y = function()
    of_x, *of_weights = tape.gradient(y, [x, *weights], upstream)
    return y, of_x, of_weights


def _run(x, steps):
    sets = [step.weights() for step in steps]
    if steps[0].context.cache is not None:
        return _forward(x, steps, sets)[:2]

    @own_gradient
    def run(x, *flat):
        sets_ = tf.nest.pack_sequence_as(sets, flat)
        y1, y2, plans = _forward(x, steps, sets_)

        def gradient(d1, d2):
            return _backward(steps, sets_, plans, y1, y2, d1, d2)

        return (y1, y2), gradient

    return run(x, *tf.nest.flatten(sets))


def _forward(x, steps, sets):
    x1 = x2 = x
    plans = []
    for step, weights in zip(steps, sets, strict=True):
        x1, x2, plan = step.forward(weights, x1, x2)
        plans.append(plan)
    return x1, x2, plans


def _backward(steps, sets, plans, y1, y2, d1, d2):
    found = []
    for step, weights, plan in reversed(list(zip(steps, sets, plans, strict=True))):
        y1, y2, d1, d2, gradients = step.backward(weights, plan, y1, y2, d1, d2)
        found.append(gradients)
    return (d1 + d2, *tf.nest.flatten(found[::-1]))


def _contexts(context: LSHContext, number: int) -> list[LSHContext]:
    """Return the context with seeds of its own for each layer."""
    words = tf.bitcast(random.row_bits(context.seeds, 2 * number), tf.int32)
    return [dataclasses.replace(context, seeds=words[:, 2 * i : 2 * i + 2]) for i in range(number)]
