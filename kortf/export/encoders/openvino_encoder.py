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


class OpenVinoEncoder:
    """An encoder that OpenVINO computes on the CPU.

    Args:
        encoder: Built encoder.
        traced: Function that returns the encoder as a concrete function of `token_ids`,
            `segment_ids` and `padding_mask`, int32 `[batch, seq]`. It is called, and converted,
            for an encoder that `TransformerWeights` do not describe.
        dtype: Dtype of the products, `float32` or `bfloat16`.
        calibration: Batches of features that show the range of activations: weights and products
            are of 8 bits then. None for float32.

    Attributes:
        hidden_dim: Size of the vectors.

    Raises:
        InputError: A package is not installed.
    """

    def __init__(
        self,
        encoder: Encoder,
        traced: Callable,
        dtype: str = "float32",
        calibration: Batches | None = None,
    ):
        self._compiled = _compile(encoder, traced, dtype, calibration)
        self._inputs = _places(self._compiled.inputs, FEATURES)
        self._outputs = _places(self._compiled.outputs, OUTPUTS)
        self._longest = encoder.settings.get("max_length", 1 << 30)
        self.hidden_dim = encoder.hidden_dim
        self._idle: list = []  # requests; each is used by one call at a time

    def run(self, *features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Encode arrays: `FEATURES`, int32 `[batch, seq]`, to `OUTPUTS`, float32."""
        length = features[0].shape[1]
        more = max(min(padded_length(length), self._longest) - length, 0)
        if more:
            features = tuple(np.pad(values, ((0, 0), (0, more))) for values in features)
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        request.infer(dict(zip(self._inputs, features, strict=True)), share_inputs=True)
        sequence, pooled = (request.get_output_tensor(place).data for place in self._outputs)
        # Copies: the memory of the request is used again.
        copies = np.array(sequence[:, :length], np.float32), np.array(pooled, np.float32)
        self._idle.append(request)
        return copies

    def __call__(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Encode tensors inside of a graph."""
        ids = [tf.cast(features[name], tf.int32) for name in FEATURES]
        found = tf.numpy_function(self.run, ids, [tf.float32] * len(OUTPUTS), stateful=False)
        shapes = ([None, None, self.hidden_dim], [None, self.hidden_dim])
        return {
            name: tf.ensure_shape(value, shape)
            for name, value, shape in zip(OUTPUTS, found, shapes, strict=True)
        }


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
