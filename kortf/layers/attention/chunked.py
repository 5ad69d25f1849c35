"""Self-attention over whole long rows in memory that grows with the row, not with its square."""

import tensorflow as tf

from kortf.layers import kernels, random
from kortf.layers.kernels.compiled import own_gradient


def chunked_attention(
    query: tf.Tensor,
    key: tf.Tensor,
    value: tf.Tensor,
    pack_ids: tf.Tensor,
    chunk: int,
    rate: float = 0.0,
    seed: tf.Tensor | None = None,
    causal: bool = False,
) -> tf.Tensor:
    """Attend to all keys of the same pack, a chunk of queries at a time.

    Neither scores nor weights are kept for the backward pass: it computes the scores again, and the
    weights of the sums that the forward pass keeps (Dao et al. 2022, section 3.1).

    Args:
        query: `[batch, heads, seq, head_dim]`, already scaled, of a static length.
        key: Like `query`.
        value: Like `query`.
        pack_ids: int32 `[batch, seq]`, 1… the packed example, 0 padding.
        chunk: Queries at a time.
        rate: Dropout rate on the attention weights.
        seed: int32 `[2]`; None for inference.
        causal: Whether a query sees only itself and the keys before it.

    Returns:
        `[batch, heads, seq, head_dim]`.
    """
    length = query.shape[2]
    count = -(-length // chunk)
    packs = _parts(pack_ids[:, None, :, None], chunk, count)[:, :, 0, :, 0]
    seeds = (
        None if seed is None else tf.stack([random.fold_in(seed, i * chunk) for i in range(count)])
    )

    def options_of(i):
        return rate, None if seeds is None else seeds[i], i * chunk if causal else None

    @own_gradient
    def run(parts, key, value):
        def attend(inputs):
            i, part, own = inputs
            scores = tf.matmul(part, key, transpose_b=True)  # [batch, heads, chunk, seq]
            weights, logs = kernels.chunk_weights(scores, own, pack_ids, *options_of(i))
            return tf.matmul(weights, value), logs

        found, logs = tf.map_fn(
            attend,
            (tf.range(count), parts, packs),
            fn_output_signature=(value.dtype, tf.float32),
            parallel_iterations=1,
        )  # [chunks, batch, heads, chunk, head_dim] and [chunks, batch, heads, chunk, 1]

        def gradient(upstream):
            dots = tf.cast(upstream, tf.float32) * tf.cast(found, tf.float32)
            dots = tf.reduce_sum(dots, axis=-1, keepdims=True)

            def of_one(i, of_key, of_value, of_parts):
                part, up = parts[i], upstream[i]
                scores = tf.matmul(part, key, transpose_b=True)  # [batch, heads, chunk, seq]
                of_weights = tf.matmul(up, value, transpose_b=True)
                weights, of_scores = kernels.chunk_gradients(
                    scores, logs[i], of_weights, dots[i], packs[i], pack_ids, *options_of(i)
                )
                of_value += tf.cast(tf.matmul(weights, up, transpose_a=True), tf.float32)
                of_key += tf.cast(tf.matmul(of_scores, part, transpose_a=True), tf.float32)
                return i + 1, of_key, of_value, of_parts.write(i, tf.matmul(of_scores, key))

            zeros = tf.zeros_like(key, tf.float32)
            rows = tf.TensorArray(parts.dtype, count, element_shape=parts.shape[1:])
            start = (tf.constant(0), zeros, zeros, rows)
            _, of_key, of_value, rows = tf.while_loop(
                lambda i, *_: i < count, of_one, start, parallel_iterations=1
            )
            return rows.stack(), tf.cast(of_key, key.dtype), tf.cast(of_value, value.dtype)

        return found, gradient

    found = tf.transpose(run(_parts(query, chunk, count), key, value), [1, 2, 0, 3, 4])
    shape = tf.shape(found)  # [batch, heads, chunks, chunk, head_dim]
    rows = tf.concat([shape[:2], [count * chunk], shape[4:]], axis=0)
    found = tf.reshape(found, rows)
    if count * chunk != length:
        found = found[:, :, :length]
    return tf.ensure_shape(found, query.shape)


def _parts(x: tf.Tensor, chunk: int, count: int) -> tf.Tensor:
    """`[batch, heads, seq, dim]` to `[count, batch, heads, chunk, dim]`, filled up with zeros."""
    length = x.shape[2] or tf.shape(x)[2]
    if x.shape[2] is None or count * chunk != length:
        x = tf.pad(x, [[0, 0], [0, 0], [0, count * chunk - length], [0, 0]])
    x = tf.reshape(x, [tf.shape(x)[0], x.shape[1], count, chunk, x.shape[3]])
    return tf.transpose(x, [2, 0, 1, 3, 4])
