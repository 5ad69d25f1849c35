"""Compute an encoder by OpenVINO inside a served function."""

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.export.options import FEATURES
from kortf.models.encoder import Encoder

BUCKET = 8  # lengths are rounded up to a multiple: OpenVINO prepares its kernels for each shape

PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}
Batches = list[dict[str, np.ndarray]]


def openvino_encoder(
    function, encoder: Encoder, dtype: str = "float32", calibration: Batches | None = None
):
    """Return an encoder that OpenVINO computes on the CPU.

    Strings are tokenized and answers decoded by TensorFlow as before.

    Args:
        function: Concrete function of the encoder: `token_ids`, `segment_ids` and `padding_mask`,
            int32 `[batch, seq]`, to `sequence` and `pooled`.
        encoder: The encoder, for its sizes.
        dtype: Dtype of the products, `float32` or `bfloat16`.
        calibration: Batches of features that show the range of activations: weights and products
            are of 8 bits then. None for float32.

    Raises:
        InputError: A package is not installed.
    """
    compiled = _compile(function, dtype, calibration)
    places = _places(compiled)
    names = sorted(function.structured_outputs)
    longest = encoder.settings.get("max_length", 1 << 30)
    idle: list = []  # requests; each is used by one call at a time

    def run(*ids):
        length = ids[0].shape[1]
        more = max(min(-(-length // BUCKET) * BUCKET, longest) - length, 0)
        padded = [np.pad(values, ((0, 0), (0, more))) for values in ids] if more else ids
        try:
            request = idle.pop()
        except IndexError:
            request = compiled.create_infer_request()
        found = request.infer(dict(zip(places, padded, strict=True)), share_outputs=True)
        by_name = {name: value for port, value in found.items() for name in port.names}
        values = [by_name.get(name, found[i]) for i, name in enumerate(names)]
        # Copies: the memory of the request is used again.
        copies = [np.array(v[:, :length] if v.ndim == 3 else v, np.float32) for v in values]
        idle.append(request)
        return copies

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


def _compile(function, dtype: str, calibration: Batches | None):
    try:
        import openvino
    except ImportError as error:
        cure = "pip install 'kortf[openvino]'"
        raise InputError("--engine=openvino", "openvino is not installed", cure) from error
    model = openvino.convert_model(function)
    if calibration is not None:
        model = _quantized(model, calibration)
    # Without a precision OpenVINO takes bfloat16 where the CPU has units for it.
    hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": PRECISIONS[dtype]}
    return openvino.Core().compile_model(model, "CPU", hints)


def _quantized(model, calibration: Batches):
    """Return a model with products of 8 bits, their ranges those of the calibration."""
    try:
        import nncf
    except ImportError as error:
        cure = "pip install 'kortf[openvino]'"
        raise InputError("--weights=int8", "nncf is not installed", cure) from error
    places = _places(model)

    def transform(batch: dict[str, np.ndarray]) -> dict[int, np.ndarray]:
        return dict(zip(places, (batch[name] for name in FEATURES), strict=True))

    return nncf.quantize(
        model,
        nncf.Dataset(calibration, transform),
        model_type=nncf.ModelType.TRANSFORMER,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(calibration),
    )


def _places(model) -> list[int]:
    """Number of the input of each feature: their order may be that of their names."""
    places = []
    for number, feature in enumerate(FEATURES):
        named = (
            i
            for i, port in enumerate(model.inputs)
            if any(name.split(":")[0] == feature for name in port.names)
        )
        places.append(next(named, number))
    return places
