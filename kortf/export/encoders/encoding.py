"""Run an encoder inside a served function, in parts of a few rows."""

import functools
from collections.abc import Callable

import tensorflow as tf
from tensorflow.core.protobuf import config_pb2

from kortf.errors import InputError
from kortf.export.encoders.served_encoder import ServedEncoder
from kortf.export.encoders.transformer_weights import supports
from kortf.export.options import FEATURES, ExportOptions
from kortf.models.encoder import Encoder
from kortf.precision import products_dtype
from kortf.pretrained.directory.inference import portable
from kortf.text.tokenizer.rows.rows import Rows, padded, take
from kortf.text.tokenizer.tokenizer import Tokenizer

# Rows that are computed together: they bound the memory, and are padded to one length.
ROWS_AT_ONCE = 16
# oneDNN keeps a weight in the layout that the first call of a product asks for, and lays it out
# anew in each call that asks for another. Products of so many rows ask for one layout, all others
# for another (by its own log, with AVX2 and with AVX-512).
MIDDLE_TOKENS = (7, 80)
_IDS = tf.TensorSpec([None, None], tf.int32)

Compute = Callable[[dict[str, tf.Tensor]], dict[str, tf.Tensor]]
# From the outputs of an encoder and its features to numbers `[batch, …]`.
Head = Callable[[dict[str, tf.Tensor], dict[str, tf.Tensor]], dict[str, tf.Tensor]]


def encoder_function(
    encoder: Encoder,
    options: ExportOptions,
    tokenizer: Tokenizer | None = None,
    head: Head | None = None,
) -> Compute:
    """Return an encoder as one function of the graph, which all signatures share.

    Args:
        encoder: Built encoder.
        options: `dtype`, `engine` and `weights` are read.
        tokenizer: Tokenizer of the model; needed for `weights="int8"` alone.
        head: Head that an engine outside of TensorFlow computes as well; None if there is none.

    Raises:
        InputError: The encoder is computed in float32 only, and `dtype` is another one.
    """
    dtype = products_dtype(options.dtype)
    if options.engine == "openvino":
        from kortf.export.encoders.openvino_encoder import OpenVinoEncoder

        batches = None
        if options.weights == "int8":
            from kortf.export.encoders.calibration import calibration_batches

            batches = calibration_batches(tokenizer, encoder.settings["max_length"])
        return OpenVinoEncoder(encoder, lambda: _traced(encoder), dtype, batches, head)

    compute: Compute = encoder
    if supports(encoder):
        compute = ServedEncoder(encoder, dtype)
    elif options.dtype == "bfloat16":
        problem = f"the encoder {type(encoder).__name__} is served in float32 only"
        raise InputError(f"--dtype={options.dtype}", problem, "use --dtype=float32")
    return functools.partial(_call, _traced(compute), compute)


def _traced(compute: Compute):
    """Return a concrete function of `token_ids`, `segment_ids` and `padding_mask`.

    It is never inlined, so that all callers share one function and its constants.
    """

    def encode(token_ids, segment_ids, padding_mask):
        with portable():
            features = (token_ids, segment_ids, padding_mask)
            outputs = compute(dict(zip(FEATURES, features, strict=True)))
            return {name: tf.cast(value, tf.float32) for name, value in outputs.items()}

    function = tf.function(
        encode, input_signature=[_IDS] * 3, autograph=False,
        experimental_attributes={"_noinline": True},
    )  # fmt: skip
    return function.get_concrete_function()


def _call(function, owner: Compute, features: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
    """Call a concrete function; `owner` keeps the variables that it reads alive."""
    del owner
    values = [tf.cast(features[name], tf.int32) for name in FEATURES]
    tokens = tf.size(values[0])
    middle = (tokens >= MIDDLE_TOKENS[0]) & (tokens <= MIDDLE_TOKENS[1])
    return tf.cond(middle, lambda: _second(function, values), lambda: function(*values))


def _second(function, values: list[tf.Tensor]) -> dict[str, tf.Tensor]:
    """Call a second instance of a function, which keeps layouts of its own; the file has one."""
    config = config_pb2.ConfigProto()
    config.experimental.session_metadata.name = "second"  # instances differ by their config
    found = tf.raw_ops.StatefulPartitionedCall(
        args=[*values, *function.captured_inputs],
        Tout=[value.dtype for value in function.outputs],
        f=function,
        config_proto=config.SerializeToString(),
    )
    for value, known in zip(found, function.outputs, strict=True):
        value.set_shape(known.shape)
    return tf.nest.pack_sequence_as(function.structured_outputs, found)


def id_sizes(encoder: Encoder) -> dict[str, int]:
    """Return the number of token ids and, where the encoder has them, of segment ids."""
    names = ("vocabulary_size", "num_segments")
    return {name: encoder.settings[name] for name in names if encoder.settings.get(name)}


def one_row_each(run: Compute, rows: Rows, pad_id: int) -> dict[str, tf.Tensor]:
    """Run a function over rows, each of which is a whole text.

    Up to `ROWS_AT_ONCE` rows are computed as they are. Of more rows, those of similar length are
    computed together: a long row does not lengthen the others.

    Args:
        run: From `token_ids`, `segment_ids` and `padding_mask` to tensors `[rows, …]`.
        rows: Rows of texts.
        pad_id: Id of the padding.
    """
    if rows.features:  # such as the choices of a question
        return _by_length(run, rows, pad_id)
    # A request has mostly one text: it needs neither sorting nor a loop.
    count = rows.token_ids.nrows(out_type=tf.int32)
    few = (count > 0) & (count <= ROWS_AT_ONCE)
    return tf.cond(few, lambda: run(padded(rows, pad_id)), lambda: _by_length(run, rows, pad_id))


def _by_length(run: Compute, rows: Rows, pad_id: int) -> dict[str, tf.Tensor]:
    """Run a function over any number of rows, in parts of rows of similar length."""
    lengths = tf.cast(rows.token_ids.row_lengths(), tf.int32)
    order = tf.argsort(lengths, stable=True)
    back = tf.math.invert_permutation(order)
    if rows.features:
        found = in_parts(lambda here: run(padded(take(rows, order[here]), pad_id)), tf.size(order))
        return {name: tf.gather(values, back) for name, values in found.items()}
    ids = _at_least_one(tf.gather(rows.token_ids.to_tensor(pad_id), order))
    segments = _at_least_one(tf.gather(rows.segment_ids.to_tensor(), order))
    lengths = _at_least_one(tf.gather(lengths, order))

    def part(here: slice):
        count = lengths[here]
        longest = tf.maximum(tf.reduce_max(count), 1)
        values = ids[here, :longest], segments[here, :longest], tf.sequence_mask(count, longest)
        return run(dict(zip(FEATURES, values, strict=True)))

    found = in_parts(part, tf.size(lengths))
    return {name: tf.gather(values, back) for name, values in found.items()}


def windows(
    run: Compute, rows: Rows, pad_id: int, finish: Head | None = None
) -> dict[str, tf.Tensor]:
    """Run a function over the windows of texts, all padded to the longest one.

    Args:
        run: From features, those of the rows included, to tensors `[rows, …]`.
        rows: Windows of texts.
        pad_id: Id of the padding.
        finish: From what `run` returns, and the features, to tensors `[rows, …]`, computed for all
            windows at once; None if `run` does it all.
    """
    features = {name: _at_least_one(value) for name, value in padded(rows, pad_id).items()}
    count = tf.shape(rows.owners)[0]
    found = in_parts(
        lambda here: run({name: value[here] for name, value in features.items()}),
        tf.maximum(count, 1),
    )
    found = found if finish is None else finish(found, features)
    return {name: values[:count] for name, values in found.items()}


def _at_least_one(x: tf.Tensor) -> tf.Tensor:
    """Return `x` with a row, and a column, of zeros where it has none: an encoder needs one."""
    shape = tf.shape(x)[:2]
    missing = tf.maximum(1 - shape, 0)  # [1] or [2]
    missing = tf.pad(missing[:, None], [[0, x.shape.rank - min(2, x.shape.rank)], [1, 0]])
    return tf.pad(x, missing)


def in_parts(run: Callable[[slice], dict[str, tf.Tensor]], count: tf.Tensor) -> dict:
    """Join what a function of a slice returns for all `count` rows."""
    specs = {}

    def trace(begin):
        found = run(slice(begin, begin + ROWS_AT_ONCE))
        specs.update({name: (value.dtype, value.shape) for name, value in found.items()})
        return found

    body = tf.function(trace, input_signature=[tf.TensorSpec([], tf.int32)], autograph=False)
    body.get_concrete_function()  # to know dtypes and shapes: one graph, called in the loop
    number = tf.maximum((count + ROWS_AT_ONCE - 1) // ROWS_AT_ONCE, 1)
    arrays = {
        name: tf.TensorArray(dtype, number, element_shape=[None, *shape[1:]], infer_shape=False)
        for name, (dtype, shape) in specs.items()
    }

    def more(i, arrays):
        found = body(i * ROWS_AT_ONCE)
        return i + 1, {name: array.write(i, found[name]) for name, array in arrays.items()}

    _, arrays = tf.while_loop(
        lambda i, _: i < number, more, (tf.constant(0), arrays), parallel_iterations=1
    )
    return {name: array.concat() for name, array in arrays.items()}
