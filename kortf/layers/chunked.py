"""Functions of rows, worked on a part of the rows at a time: less memory for the same result."""

from collections.abc import Callable, Sequence

import tensorflow as tf

from kortf.layers.kernels.compiled import own_gradient

NUMBER = tf.TensorSpec([], tf.float32)  # a result that is one number a row


def in_chunks(
    function: Callable,
    weights: Sequence[tf.Tensor],
    rows: Sequence[tf.Tensor],
    results: Sequence[tf.TensorSpec],
    chunks: int,
) -> tuple[tf.Tensor, ...]:
    """Apply a function to parts of the rows, one after the other.

    Nothing that is inside of it is kept: going back, each part is computed a second time.

    Example: three rows, two at a time
        >>> number = tf.TensorSpec([], tf.float32)
        >>> in_chunks(lambda weights, x: (weights[0] * x,), [2.0], [[1.0, 2.0, 3.0]], [number], 2)
        ([2.0, 4.0, 6.0],)

    Args:
        function: Function of weights and tensors `[n, …]`, for any `n`; returns a tuple of
            tensors `[n, …]` in which a row depends on no other.
        weights: Floating-point tensors.
        rows: Tensors `[rows, …]`.
        results: Shape and type of a row of each tensor that is returned.
        chunks: Number of parts; 1 keeps everything.

    Returns:
        What the function would return for all rows.
    """
    weights, rows = (list(map(tf.convert_to_tensor, tensors)) for tensors in (weights, rows))
    if chunks == 1:
        return function(weights, *rows)
    # A static number if known: XLA must not see a dynamic shape.
    count, number = rows[0].shape[0] or tf.shape(rows[0])[0], len(weights)
    size = -(-count // chunks)
    parts = [_stack(x, size, chunks) for x in rows]
    known = size if isinstance(size, int) else None

    @own_gradient
    def run(*inputs):
        weights, parts = inputs[:number], inputs[number:]
        outputs = tf.map_fn(
            lambda part: tuple(function(weights, *part)),
            parts,
            fn_output_signature=tuple(tf.TensorSpec([known, *y.shape], y.dtype) for y in results),
            parallel_iterations=1,
        )
        return outputs, lambda *upstream: _backward(function, weights, parts, upstream)

    outputs = zip(run(*weights, *parts), results, strict=True)
    return tuple(_unstack(y, size * chunks, result)[:count] for y, result in outputs)


def _stack(x, size, chunks):
    """`[rows, …]` to `[chunks, size, …]`, filled up with zeros."""
    missing = chunks * size - (x.shape[0] or tf.shape(x)[0])
    x = tf.pad(x, [[0, missing]] + [[0, 0]] * (x.shape.rank - 1))
    return tf.reshape(x, [chunks, size, *x.shape[1:]])


def _unstack(x, rows, result):
    """`[chunks, size, …]` to `[chunks · size, …]`."""
    return tf.reshape(x, [rows, *result.shape])


def _backward(function, weights, parts, upstream):
    """Gradients of all weights and parts; None where a part is of integers."""
    chunks = parts[0].shape[0]
    floating = [i for i, part in enumerate(parts) if part.dtype.is_floating]

    def of_one(i, sums, arrays):
        with tf.GradientTape() as tape:
            given = [part[i] for part in parts]
            sources = [*weights, *(given[k] for k in floating)]
            tape.watch(sources)
            outputs = function(weights, *given)
        found = tape.gradient(
            outputs, sources, [y[i] for y in upstream], unconnected_gradients="zero"
        )
        found = [tf.convert_to_tensor(gradient) for gradient in found]
        sums = [total + one for total, one in zip(sums, found, strict=False)]
        arrays = [
            array.write(i, one) for array, one in zip(arrays, found[len(sums) :], strict=True)
        ]
        return i + 1, sums, arrays

    arrays = [
        tf.TensorArray(parts[k].dtype, chunks, element_shape=parts[k].shape[1:]) for k in floating
    ]
    start = (tf.constant(0), [tf.zeros_like(weight) for weight in weights], arrays)
    _, sums, arrays = tf.while_loop(lambda i, *_: i < chunks, of_one, start, parallel_iterations=1)
    found = dict(zip(floating, (array.stack() for array in arrays), strict=True))
    return (*sums, *(found.get(i) for i in range(len(parts))))
