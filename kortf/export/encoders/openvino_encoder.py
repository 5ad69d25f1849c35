"""Compute an encoder by OpenVINO inside a served function."""

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.models.encoder import Encoder

FEATURES = ("token_ids", "segment_ids", "padding_mask")


def openvino_encoder(function, encoder: Encoder, weights: str):
    """Return an encoder that OpenVINO computes on the CPU.

    Strings are tokenized and answers decoded by TensorFlow as before.

    Args:
        function: Concrete function of the encoder: `token_ids`, `segment_ids` and `padding_mask`,
            int32 `[batch, seq]`, to `sequence` and `pooled`.
        encoder: The encoder, for its sizes.
        weights: `float32` or `int8`.

    Raises:
        InputError: A package is not installed.
    """
    compiled = _compile(function, weights)
    places = _places(compiled)
    names = sorted(function.structured_outputs)

    def run(*ids):
        # One request each: a compiled model may be called by several threads at once.
        found = compiled.create_infer_request().infer(dict(zip(places, ids, strict=True)))
        by_name = {name: value for port, value in found.items() for name in port.names}
        values = [by_name.get(name, found[i]) for i, name in enumerate(names)]
        return [np.asarray(value, np.float32) for value in values]

    def call(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        ids = [tf.cast(features[name], tf.int32) for name in FEATURES]
        values = tf.numpy_function(run, ids, [tf.float32] * len(names), stateful=False)
        found = dict(zip(names, values, strict=True))
        dim = encoder.hidden_dim
        return {
            "sequence": tf.ensure_shape(found["sequence"], [None, None, dim]),
            "pooled": tf.ensure_shape(found["pooled"], [None, dim]),
        }

    return call


def _compile(function, weights: str):
    try:
        import openvino
    except ImportError as error:
        cure = "pip install 'kortf[openvino]'"
        raise InputError("--engine=openvino", "openvino is not installed", cure) from error
    model = openvino.convert_model(function)
    settings = {"PERFORMANCE_HINT": "LATENCY"}
    if weights == "int8":
        try:
            import nncf
        except ImportError as error:
            cure = "pip install 'kortf[openvino]'"
            raise InputError("--weights=int8", "nncf is not installed", cure) from error
        model = nncf.compress_weights(model)
        settings["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = "32"
    return openvino.Core().compile_model(model, "CPU", settings)


def _places(compiled) -> list[int]:
    """Number of the input of each feature: their order may be that of their names."""
    places = []
    for number, feature in enumerate(FEATURES):
        named = (
            i
            for i, port in enumerate(compiled.inputs)
            if any(name.split(":")[0] == feature for name in port.names)
        )
        places.append(next(named, number))
    return places
