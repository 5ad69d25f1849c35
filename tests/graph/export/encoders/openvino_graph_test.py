"""The graph of OpenVINO's operations computes what the encoder does, by fused kernels."""

import collections

import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.export.encoders.transformer_weights import TransformerWeights
from kortf.export.options import FEATURES
from tests.graph.export.encoders.conftest import SIZES

openvino = pytest.importorskip("openvino")

from kortf.export.encoders.openvino_graph import transformer_graph  # noqa: E402


def _compiled(encoder):
    table = encoder.token_embedding.embeddings.numpy()
    graph = transformer_graph(TransformerWeights.of(encoder), table)
    # Without it OpenVINO takes bfloat16 where the CPU has units for it.
    return openvino.Core().compile_model(graph, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})


def test_it_computes_what_the_general_encoder_does(encoder, batch):
    expected = encoder({key: tf.constant(value) for key, value in batch.items()})
    found = _compiled(encoder)([batch[name] for name in FEATURES])
    kept = batch["padding_mask"].astype(bool)
    for key in ("sequence", "pooled"):
        mask = kept if key == "sequence" else slice(None)
        np.testing.assert_allclose(found[key][mask], expected[key].numpy()[mask], atol=2e-5)


def test_each_step_is_one_kernel():
    layers = SIZES["num_layers"]
    compiled = _compiled(models.build("bert", **SIZES))
    nodes = compiled.get_runtime_model().get_ordered_ops()
    kinds = collections.Counter(node.get_rt_info()["layerType"].astype(str) for node in nodes)
    assert kinds["MVN"] == 1 + 2 * layers  # not means, squares and roots
    assert not kinds["Reduce"]
    assert kinds["FullyConnected"] == 1 + 6 * layers
    assert not kinds["Softmax"]  # it is inside of the fused attention
    fused = [
        node.get_rt_info()["originalLayersNames"].astype(str).lower()
        for node in nodes
        if node.get_rt_info()["layerType"].astype(str) == "FullyConnected"
    ]
    assert sum("gelu" in names for names in fused) == layers
