"""The encoder of a graph has one function, and two instances of it by the number of tokens."""

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from kortf.export.encoders.encoding import MIDDLE_TOKENS, encoder_function
from kortf.export.options import FEATURES, ExportOptions

FEW, MANY = MIDDLE_TOKENS


def test_both_instances_compute_what_the_encoder_does(encoder):
    compute = tf.function(encoder_function(encoder, ExportOptions()), reduce_retracing=True)
    sizes = ((1, 1), (1, FEW - 1), (1, FEW), (MANY // 8, 8), (MANY // 9 + 1, 9))
    middle = [FEW <= rows * length <= MANY for rows, length in sizes]
    assert middle == [False, False, True, True, False]
    rng = np.random.default_rng(0)
    for rows, length in sizes:
        ids = rng.integers(13, size=(rows, length))
        values = (ids, np.zeros_like(ids), np.ones_like(ids))
        batch = {n: tf.constant(v, tf.int32) for n, v in zip(FEATURES, values, strict=True)}
        found, expected = compute(batch), encoder(batch)
        for key in ("sequence", "pooled"):
            np.testing.assert_allclose(found[key], expected[key], atol=2e-5)


def test_the_instances_are_of_one_function(encoder):
    """Their configs differ, so that the runtime keeps them apart; the file has one."""
    compute = tf.function(encoder_function(encoder, ExportOptions()))
    spec = {name: tf.TensorSpec([None, None], tf.int32) for name in FEATURES}
    library = compute.get_concrete_function(spec).graph.as_graph_def().library
    calls = [
        (node.attr["f"].func.name, config_pb2.ConfigProto.FromString(node.attr["config_proto"].s))
        for function in library.function
        for node in function.node_def
        if node.op in ("PartitionedCall", "StatefulPartitionedCall")
    ]
    assert len({name for name, _ in calls}) == 1
    names = [config.experimental.session_metadata.name for _, config in calls]
    assert sorted(names) == ["", "second"]
