"""Compute an encoder, and the head of a model, by OpenVINO."""

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.export.encoders.encoding import Head
from kortf.export.encoders.transformer_weights import TransformerWeights, supports
from kortf.export.options import FEATURES
from kortf.models.encoder import Encoder

PRECISIONS = {"float32": "f32", "bfloat16": "bf16"}
OUTPUTS = ("sequence", "pooled")
Batches = list[dict[str, np.ndarray]]
# One thread computes so many products of 8 bits in the time in which several wait for each other.
FEW_PRODUCTS = 1 << 27
SHORT = 8  # tokens of a short text


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
        head: From `OUTPUTS` and `FEATURES`, by name, to numeric tensors `[batch, …]`. `answer`
            computes it after the encoder; it is never of 8 bits. None if there is none.

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
        head: Head | None = None,
    ):
        model = _model(encoder, traced, calibration)
        self._inputs = _places(model.inputs, FEATURES)
        places = _places(model.outputs, OUTPUTS)
        self._outputs = dict(zip(OUTPUTS, places, strict=True))
        self._answers: dict[str, tuple[int, np.dtype]] = {}  # place and dtype of each
        if head is not None:
            function = _traced_head(head, encoder.hidden_dim)
            found = function.structured_outputs
            first = len(model.outputs)
            _append(model, [model.output(place) for place in places], function, list(found))
            self._answers = {
                name: (first + number, np.dtype(value.dtype.as_numpy_dtype))
                for number, (name, value) in enumerate(found.items())
            }
        self._requests = _Requests(model, dtype)
        self._few, self._few_tokens = self._requests, 0
        if calibration is not None:
            products = _products(model)
            # Of a larger model, the memory of a second one would not be worth it.
            if 0 < products <= FEW_PRODUCTS // SHORT:
                self._few, self._few_tokens = _Requests(model, dtype, 1), FEW_PRODUCTS // products
        self._longest = encoder.settings.get("max_length", 1 << 30)
        self.hidden_dim = encoder.hidden_dim

    def run(self, *features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Encode arrays: `FEATURES`, int32 `[batch, seq]`, to `OUTPUTS`, float32."""
        length = features[0].shape[1]

        def read(output):
            return tuple(
                np.array(x[:, :length] if x.ndim == 3 else x, np.float32)
                for x in map(output, self._outputs.values())
            )

        return self._infer(features, read)

    def answer(self, *features: np.ndarray) -> dict[str, np.ndarray]:
        """Compute the head for arrays: from `FEATURES`, int32 `[batch, seq]`, by name."""

        def read(output):
            return {
                name: np.array(output(place), dtype)
                for name, (place, dtype) in self._answers.items()
            }

        return self._infer(features, read)

    def width(self, length: int) -> int:
        """Return the length to which rows of up to so many tokens are padded."""
        return max(min(padded_length(length), self._longest), length)

    def _infer(self, features: Sequence[np.ndarray], read: Callable):
        """Return what `read` copies from the outputs, which it gets by their places."""
        length = features[0].shape[1]
        more = self.width(length) - length
        if more:
            features = [np.pad(values, ((0, 0), (0, more))) for values in features]
        requests = self._few if features[0].size <= self._few_tokens else self._requests
        return requests.infer(dict(zip(self._inputs, features, strict=True)), read)

    def __call__(self, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Encode tensors inside of a graph."""
        ids = [tf.cast(features[name], tf.int32) for name in FEATURES]
        found = tf.numpy_function(self.run, ids, [tf.float32] * len(OUTPUTS), stateful=False)
        shapes = ([None, None, self.hidden_dim], [None, self.hidden_dim])
        return {
            name: tf.ensure_shape(value, shape)
            for name, value, shape in zip(OUTPUTS, found, shapes, strict=True)
        }


class _Requests:
    """A compiled model and its requests, whose memory is used again.

    Args:
        model: Model of OpenVINO.
        dtype: Dtype of the products.
        threads: Threads that compute it; as many as OpenVINO chooses if 0.
    """

    def __init__(self, model, dtype: str, threads: int = 0):
        self._compiled = _compile(model, dtype, threads)
        self._idle: list = []  # each is used by one call at a time

    def infer(self, given: dict[int, np.ndarray], read: Callable):
        try:
            request = self._idle.pop()
        except IndexError:
            request = self._compiled.create_infer_request()
        request.infer(given, share_inputs=True, share_outputs=True)  # without copies of its own
        found = read(lambda place: request.get_output_tensor(place).data)
        self._idle.append(request)
        return found


def padded_length(length: int) -> int:
    """Return the length to which rows are padded: OpenVINO prepares its kernels for each shape.

    At most a sixteenth is padding, and a row of up to 32 tokens has none.

    Example:
        >>> [padded_length(length) for length in (7, 32, 33, 100, 257)]
        [7, 32, 34, 100, 272]
    """
    step = 1 << max((length - 1).bit_length() - 5, 0)
    return -(-length // step) * step


def _model(encoder: Encoder, traced: Callable, calibration: Batches | None):
    """Return an encoder as a model of OpenVINO."""
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
    return model


def _traced_head(head: Head, hidden_dim: int):
    """Return a head as a concrete function of `OUTPUTS` and `FEATURES`."""
    ids = [tf.TensorSpec([None, None], tf.int32, name) for name in FEATURES]
    outputs = [
        tf.TensorSpec([None, None, hidden_dim], tf.float32, OUTPUTS[0]),
        tf.TensorSpec([None, hidden_dim], tf.float32, OUTPUTS[1]),
    ]

    def finish(sequence, pooled, *features):
        given = dict(zip(OUTPUTS, (sequence, pooled), strict=True))
        return head(given, dict(zip(FEATURES, features, strict=True)))

    return tf.function(finish, [*outputs, *ids], autograph=False).get_concrete_function()


def _append(model, outputs: list, function, names: list[str]) -> None:
    """Append a head to a model: its outputs, in the order of `names`, come after the model's.

    Args:
        model: Encoder, whose features are its inputs.
        outputs: Ports of the model that hold `OUTPUTS`.
        function: Concrete function of `OUTPUTS` and `FEATURES`.
        names: Names of its outputs.
    """
    import openvino

    places = _places(model.inputs, FEATURES)
    # An output is the input of a result, which only passes it on.
    ports = [port.get_node().input_value(0) for port in outputs]
    sources = dict(zip(OUTPUTS, ports, strict=True))
    sources |= {name: model.input(place) for name, place in zip(FEATURES, places, strict=True)}
    converted = openvino.convert_model(function)
    for port in converted.inputs:
        (name,) = port.names & sources.keys()
        for target in port.get_target_inputs():
            target.replace_source_output(sources[name])
    results = [converted.output(name).get_node() for name in names]
    model.add_results(results)


def _compile(model, dtype: str, threads: int):
    import openvino

    # Without a precision OpenVINO takes bfloat16 where the CPU has units for it.
    hints: dict = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": PRECISIONS[dtype]}
    # A thread that is bound to a core waits for whatever else runs there, such as the server.
    hints["ENABLE_CPU_PINNING"] = False
    if threads:
        hints["INFERENCE_NUM_THREADS"] = threads
    return openvino.Core().compile_model(model, "CPU", hints)


def _products(model) -> int:
    """Return the number of products that one token takes: the weights of all matrices."""
    matrices = (op.input(1) for op in model.get_ordered_ops() if op.get_type_name() == "MatMul")
    shapes = (port.get_partial_shape() for port in matrices)
    return sum(int(np.prod(shape.to_shape())) for shape in shapes if shape.is_static)


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
