"""A transformer encoder as a graph of OpenVINO's own operations.

A graph converted from TensorFlow has normalization, GELU and attention as sums and products, of
which OpenVINO fuses only some. Here each of the three is the one operation that has a CPU kernel.
Measured by `benchmarks/serving.py`.
"""

import numpy as np
import openvino
import openvino.opset15 as ops

from kortf.export.encoders.transformer_weights import (
    Dense,
    LayerWeights,
    Norm,
    TransformerWeights,
)
from kortf.export.options import FEATURES
from kortf.layers.attention.attention import NEVER

_ACTIVATIONS = {
    "gelu": lambda x: ops.gelu(x, "erf"),
    "gelu_tanh": lambda x: ops.gelu(x, "tanh"),
    "relu": ops.relu,
}


def transformer_graph(weights: TransformerWeights, table: np.ndarray) -> openvino.Model:
    """Return an encoder as an OpenVINO model.

    Its inputs are `token_ids`, `segment_ids` and `padding_mask`, int32 `[batch, seq]`; its outputs
    `sequence` `[batch, seq, dim]` and `pooled` `[batch, dim]`, float32.

    Args:
        weights: Weights of the encoder.
        table: Token vectors, float32 `[vocabulary, embedding]`.
    """
    return _Graph(weights).build(table)


class _Graph:
    def __init__(self, weights: TransformerWeights):
        self._weights = weights
        self._constants: dict[int, openvino.Node] = {}  # of kernels that layers share

    def build(self, table: np.ndarray) -> openvino.Model:
        weights = self._weights
        inputs = [ops.parameter([-1, -1], np.int32, name) for name in FEATURES]
        for node, name in zip(inputs, FEATURES, strict=True):
            node.output(0).set_names({name})
        ids, segments, mask = inputs
        x = self._embed(ids, segments, table)  # (batch, seq, embedding)
        if weights.norm is not None:
            x = self._normalize(x, weights.norm)
        if weights.projection is not None:
            x = self._product(x, weights.projection)
        never = ops.select(ops.not_equal(mask, np.int32(0)), np.float32(0), np.float32(NEVER))
        bias = ops.unsqueeze(never, np.array([1, 2]))  # (batch, 1, 1, seq)
        for layer in weights.layers:
            for _ in range(weights.repeats):
                x = self._layer(x, layer, bias)
        if weights.final is not None:
            x = self._normalize(x, weights.final)
        pooled = ops.gather(x, np.int32(0), np.int32(1))  # (batch, dim)
        if weights.pooler is not None:
            pooled = ops.tanh(self._product(pooled, weights.pooler))
        results = []
        for name, node in (("sequence", x), ("pooled", pooled)):
            results.append(ops.result(node))
            results[-1].output(0).set_names({name})
        return openvino.Model(results, inputs, "encoder")

    def _embed(self, ids, segments, table: np.ndarray):
        weights, axis = self._weights, np.int32(0)
        length = ops.gather(ops.shape_of(ids, "i32"), np.array([1], np.int32), axis)
        first, step = np.array([0], np.int32), np.array([1], np.int32)
        x = ops.gather(ops.constant(table), ids, axis)
        if weights.segments is not None:
            x = ops.add(x, ops.gather(ops.constant(weights.segments), segments, axis))
        return ops.add(x, ops.slice(ops.constant(weights.positions), first, length, step, first))

    def _layer(self, x, layer: LayerWeights, bias):
        if self._weights.final is not None:  # pre-norm
            x = ops.add(x, self._attend(self._normalize(x, layer.attention_norm), layer, bias))
            return ops.add(x, self._feed(self._normalize(x, layer.output_norm), layer))
        x = self._normalize(ops.add(x, self._attend(x, layer, bias)), layer.attention_norm)
        return self._normalize(ops.add(x, self._feed(x, layer)), layer.output_norm)

    def _attend(self, x, layer: LayerWeights, bias):
        dim, heads = self._weights.hidden_dim, self._weights.num_heads
        split = np.array([0, 0, heads, dim // heads])  # (batch, seq, heads, head_dim)
        order = np.array([0, 2, 1, 3])  # (batch, heads, seq, head_dim)
        parts = [
            ops.transpose(ops.reshape(self._product(x, part), split, special_zero=True), order)
            for part in (layer.query, layer.key, layer.value)
        ]
        # The query is scaled by its weights.
        mixed = ops.scaled_dot_product_attention(*parts, bias, np.float32(1))
        mixed = ops.reshape(ops.transpose(mixed, order), np.array([0, 0, dim]), special_zero=True)
        return self._product(mixed, layer.out)

    def _feed(self, x, layer: LayerWeights):
        x, activation = self._product(x, layer.first), _ACTIVATIONS[self._weights.activation]
        if self._weights.glu:
            gate, x = ops.split(x, np.int32(-1), 2).outputs()
            x = ops.multiply(activation(gate), x)
        else:
            x = activation(x)
        return self._product(x, layer.second)

    def _normalize(self, x, norm: Norm):
        axes = ops.constant(np.array([-1], np.int32))
        x = ops.mvn(x, axes, True, norm.epsilon, "inside_sqrt")
        return ops.add(ops.multiply(x, norm.gamma), norm.beta)

    def _product(self, x, dense: Dense):
        kernel = self._constants.get(id(dense))
        if kernel is None:
            # [out, in], as the kernels of the CPU read it.
            kernel = ops.constant(np.ascontiguousarray(dense.kernel.T))
            self._constants[id(dense)] = kernel
        return ops.add(ops.matmul(x, kernel, False, True), dense.bias)
