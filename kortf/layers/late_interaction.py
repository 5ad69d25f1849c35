"""Late interaction: texts compared token by token, by MaxSim (Khattab and Zaharia 2020, ColBERT).

A text is a matrix `[tokens, width]` of token vectors of length 1. A row of zeros is no token: it is
padding, or a token that does not count.
"""

import tensorflow as tf

from kortf.layers.kernels.compiled import own_gradient

# Products of tokens that are in memory at a time: 64 MB in float32.
_PRODUCTS = 2**24
_BARRED = -1e9  # product with a row of zeros


def token_counts(texts: tf.Tensor) -> tf.Tensor:
    """Return the number of tokens of each text, float32 `[…]`, for `[…, tokens, width]`."""
    return tf.reduce_sum(tf.cast(_real(texts), tf.float32), axis=-1)


def max_sim(queries: tf.Tensor, documents: tf.Tensor) -> tf.Tensor:
    """Return the MaxSim of each query with each document.

    It is the sum over the tokens of a query of the largest product with a token of the document. A
    part of the queries is computed at a time, and a second time for the gradients, so that the
    memory does not grow with the number of queries.

    Example: a query of two tokens, and two documents
        >>> query = [[[1.0, 0.0], [0.0, 1.0]]]
        >>> documents = [[[1.0, 0.0], [0.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]]]
        >>> max_sim(query, documents).numpy().tolist()
        [[1.0, 2.0]]

    Args:
        queries: float32 `[queries, tokens, width]`.
        documents: float32 `[documents, tokens, width]`.

    Returns:
        float32 `[queries, documents]`.
    """
    return _max_sim(tf.convert_to_tensor(queries), tf.convert_to_tensor(documents))


def mean_max_sim(queries: tf.Tensor, documents: tf.Tensor) -> tf.Tensor:
    """Return MaxSim divided by the number of tokens of the query, from -1 to 1.

    Args and result as for `max_sim`.
    """
    return max_sim(queries, documents) / tf.maximum(token_counts(queries), 1.0)[:, None]


def mean_max_sim_of_pairs(queries: tf.Tensor, documents: tf.Tensor) -> tf.Tensor:
    """Return `mean_max_sim` of each query with the document of the same row.

    Args:
        queries: float32 `[rows, tokens, width]`.
        documents: float32 `[rows, tokens, width]`.

    Returns:
        float32 `[rows]`.
    """
    products = tf.matmul(queries, documents, transpose_b=True)  # [rows, query, document]
    best = _best(products, _real(documents)[:, None, :])  # [rows, query]
    return tf.reduce_sum(best, axis=-1) / tf.maximum(token_counts(queries), 1.0)


def similarity(first: tf.Tensor, second: tf.Tensor) -> tf.Tensor:
    """Return the similarity of each pair of texts, float32 `[rows]`, from -1 to 1.

    MaxSim is not symmetric and grows with the query: the similarity is the mean of `mean_max_sim`
    in both directions.

    Args:
        first: float32 `[rows, tokens, width]`.
        second: float32 `[rows, tokens, width]`.
    """
    there, back = mean_max_sim_of_pairs(first, second), mean_max_sim_of_pairs(second, first)
    return (there + back) / 2.0


def _real(texts: tf.Tensor) -> tf.Tensor:
    """Return which rows are tokens, bool `[…, tokens]`."""
    return tf.reduce_any(tf.not_equal(texts, 0.0), axis=-1)


def _best(products: tf.Tensor, real: tf.Tensor) -> tf.Tensor:
    """Return the largest product with a token, 0 where there is none: `[…, tokens]` to `[…]`."""
    best = tf.reduce_max(tf.where(real, products, _BARRED), axis=-1)
    return tf.where(tf.reduce_any(real, axis=-1), best, 0.0)


def _scores(queries: tf.Tensor, documents: tf.Tensor) -> tf.Tensor:
    """Compute `max_sim` of all queries at once."""
    size, width = tf.shape(queries)[:2], documents.shape[-1]
    count, length = tf.shape(documents)[0], tf.shape(documents)[1]
    flat = tf.reshape(queries, [-1, width])  # [queries * tokens, width]
    products = tf.matmul(flat, tf.reshape(documents, [-1, width]), transpose_b=True)
    products = tf.reshape(products, [-1, count, length])  # [queries * tokens, documents, tokens]
    best = _best(products, _real(documents)[None])  # [queries * tokens, documents]
    best = tf.reshape(best, [size[0], size[1], count])  # [queries, tokens, documents]
    return tf.reduce_sum(best, axis=1)


@own_gradient
def _max_sim(queries, documents):
    number, count = tf.shape(queries)[0], tf.shape(documents)[0]
    lengths = tf.shape(queries, tf.int64)[1] * tf.shape(documents, tf.int64)[1]
    fitting = _PRODUCTS // tf.maximum(lengths * tf.cast(count, tf.int64), 1)  # queries
    size = tf.clip_by_value(tf.cast(fitting, tf.int32), 1, tf.maximum(number, 1))
    parts = _in_parts(queries, size)
    scores = tf.map_fn(
        lambda part: _scores(part, documents),
        parts,
        fn_output_signature=tf.TensorSpec([None, None], tf.float32),
        parallel_iterations=1,
    )  # [parts, size, documents]

    def backward(upstream):
        return _gradients(parts, documents, _in_parts(upstream, size), number)

    return tf.reshape(scores, [-1, count])[:number], backward


def _in_parts(x: tf.Tensor, size: tf.Tensor) -> tf.Tensor:
    """Return `[rows, …]` as `[parts, size, …]`, filled up with zeros."""
    missing = -tf.shape(x)[0] % size
    x = tf.pad(x, [[0, missing]] + [[0, 0]] * (x.shape.rank - 1))
    shape = tf.concat([[-1, size], tf.shape(x)[1:]], axis=0)
    return tf.ensure_shape(tf.reshape(x, shape), [None, None, *x.shape[1:]])


def _gradients(parts, documents, upstream, number):
    """Return the gradients of queries and documents, part by part."""

    def of_one(i, total, array):
        with tf.GradientTape() as tape:
            part = parts[i]
            tape.watch([part, documents])
            scores = _scores(part, documents)
        own, more = tape.gradient(scores, [part, documents], upstream[i])
        return i + 1, total + more, array.write(i, own)

    count = tf.shape(parts)[0]
    array = tf.TensorArray(tf.float32, count, element_shape=parts.shape[1:])
    start = (tf.constant(0), tf.zeros_like(documents), array)
    _, total, array = tf.while_loop(lambda i, *_: i < count, of_one, start, parallel_iterations=1)
    shape = tf.concat([[-1], tf.shape(parts)[2:]], axis=0)
    return tf.reshape(array.stack(), shape)[:number], total
