"""Compute an encoder by OpenVINO inside a served function."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.export.encoders.transformer_weights import TransformerWeights, supports
from kortf.export.options import FEATURES
from kortf.models.encoder import Encoder

PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}
OUTPUTS = ("sequence", "pooled")
Batches = list[dict[str, np.ndarray]]


def openvino_encoder(
    encoder: Encoder,
    traced: Callable,
    dtype: str = "float32",
    calibration: Batches | None = None,
):
    """Return an encoder that OpenVINO computes on the CPU.

    Strings are tokenized and answers decoded by TensorFlow as before.

    Args:
        encoder: Built encoder.
        traced: Function that returns the encoder as a concrete function of `token_ids`,
            `segment_ids` and `padding_mask`, int32 `[batch, seq]`. It is called, and converted,
            for an encoder that `TransformerWeights` do not describe.
        dtype: Dtype of the products, `float32` or `bfloat16`.
        calibration: Batches of features that show the range of activations: weights and products
            are of 8 bits then. None for float32.

    Raises:
        InputError: A package is not installed.
    """
    compiled = _compile(encoder, traced, dtype, calibration)
    inputs, outputs = _places(compiled.inputs, FEATURES), _places(compiled.outputs, OUTPUTS)
    longest = encoder.settings.get("max_length", 1 << 30)
    idle: list = []  # requests; each is used by one call at a time

    def run(*ids):
        length = ids[0].shape[1]
        more = max(min(padded_length(length), longest) - length, 0)
        padded = [np.pad(values, ((0, 0), (0, more))) for values in ids] if more else ids
        try:
            request = idle.pop()
        except IndexError:
            request = compiled.create_infer_request()
        request.infer(dict(zip(inputs, padded, strict=True)), share_inputs=True)
        sequence, pooled = (request.get_output_tensor(place).data for place in outputs)
        # Copies: the memory of the request is used again.
        copies = np.array(sequence[:, :length], np.float32), np.array(pooled, np.float32)
        idle.append(request)
        return copies

    def call(features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        ids = [tf.cast(features[name], tf.int32) for name in FEATURES]
        found = tf.numpy_function(run, ids, [tf.float32] * len(OUTPUTS), stateful=False)
        dim = encoder.hidden_dim
        shapes = ([None, None, dim], [None, dim])
        return {
            name: tf.ensure_shape(value, shape)
            for name, value, shape in zip(OUTPUTS, found, shapes, strict=True)
        }

    return call


def padded_length(length: int) -> int:
    """Return the length to which rows are padded: OpenVINO prepares its kernels for each shape.

    At most a sixteenth is padding, and a row of up to 32 tokens has none.

    Example:
        >>> [padded_length(length) for length in (7, 32, 33, 100, 257)]
        [7, 32, 34, 100, 272]
    """
    step = 1 << max((length - 1).bit_length() - 5, 0)
    return -(-length // step) * step


def _compile(encoder: Encoder, traced: Callable, dtype: str, calibration: Batches | None):
    try:
        import openvino
    except ImportError as error:
        cure = "pip install 'kortf[openvino]'"
        raise InputError("--engine=openvino", "openvino is not installed", cure) from error
    if supports(encoder):
        from kortf.export.encoders.openvino_graph import transformer_graph

        table = encoder.token_embedding.embeddings.numpy()
        model = transformer_graph(TransformerWeights.of(encoder), table)
    else:
        model = openvino.convert_model(traced())
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
    places = _places(model.inputs, FEATURES)

    def transform(batch: dict[str, np.ndarray]) -> dict[int, np.ndarray]:
        return dict(zip(places, (batch[name] for name in FEATURES), strict=True))

    return nncf.quantize(
        model,
        nncf.Dataset(calibration, transform),
        model_type=nncf.ModelType.TRANSFORMER,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(calibration),
    )


def _places(ports, names: tuple[str, ...]) -> list[int]:
    """Number of the port of each name: a converted model may order them by their names."""
    places = []
    for number, wanted in enumerate(names):
        named = (
            i
            for i, port in enumerate(ports)
            if any(name.split(":")[0] == wanted for name in port.names)
        )
        places.append(next(named, number))
    return places
