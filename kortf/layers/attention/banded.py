"""Self-attention within a fixed distance."""

import tensorflow as tf

from kortf.layers import kernels
from kortf.layers.attention.attention import NEVER
from kortf.layers.kernels.compiled import own_gradient

OUTSIDE = -1  # pack number of positions before and after the row


def banded_bias(pack_ids: tf.Tensor, reach: int, causal: bool = False) -> tf.Tensor:
    """Return the bias of `banded_attention`: 0 for a visible key, a large negative number else.

    Args:
        pack_ids: int32 `[batch, seq]`, 1… the packed example, 0 padding.
        reach: Largest distance of a visible key; also the size of a block.
        causal: Whether a query sees only itself and the keys before it.

    Returns:
        float32 `[batch, 1, blocks, reach, 3 * reach]`.
    """
    ids = _blocks(pack_ids[:, None, :, None], reach, OUTSIDE)[..., 0]  # [batch, 1, blocks, reach]
    keys = _with_neighbours(ids[..., None], OUTSIDE)[..., 0]  # [batch, 1, blocks, 3 * reach]
    same = ids[..., :, None] == keys[..., None, :]
    distance = tf.range(3 * reach)[None, :] - reach - tf.range(reach)[:, None]
    near = tf.abs(distance) <= reach  # [reach, 3 * reach]
    if causal:
        near = tf.logical_and(near, distance <= 0)
    return tf.where(tf.logical_and(same, near), 0.0, NEVER)


def banded_attention(
    query: tf.Tensor,
    key: tf.Tensor,
    value: tf.Tensor,
    bias: tf.Tensor,
    rate: float = 0.0,
    seed: tf.Tensor | None = None,
) -> tf.Tensor:
    """Attend to the keys within `reach` positions, computing the band alone.

    The row is cut into blocks of `reach` positions. A block of queries sees its own block of keys
    and the two beside it, so the cost grows with `seq * reach` (Beltagy et al. 2020, section 3.1).

    Args:
        query: `[batch, heads, seq, head_dim]`, already scaled.
        key: Like `query`.
        value: Like `query`.
        bias: Result of `banded_bias`.
        rate: Dropout rate on the attention weights.
        seed: int32 `[2]`; None for inference.

    Returns:
        `[batch, heads, seq, head_dim]`.
    """
    reach, length = bias.shape[3], tf.shape(query)[2]
    static = query.shape[2]
    query = _blocks(query, reach, 0)  # [batch, heads, blocks, reach, head_dim]
    key, value = (_with_neighbours(_blocks(x, reach, 0), 0) for x in (key, value))
    scores = tf.matmul(query, key, transpose_b=True)  # [batch, heads, blocks, reach, 3 * reach]
    weights = kernels.attention_weights(scores, bias, rate, seed)
    found = tf.matmul(weights, value)  # [batch, heads, blocks, reach, head_dim]
    shape = tf.shape(found)
    rows = tf.concat([shape[:2], [shape[2] * reach], shape[4:]], axis=0)
    found = tf.reshape(found, rows)  # [batch, heads, blocks * reach, head_dim]
    if static is None or static % reach:
        found = found[:, :, :length]
    return tf.ensure_shape(found, [None, None, static, value.shape[-1]])


def _blocks(x: tf.Tensor, size: int, filler: int) -> tf.Tensor:
    """`[batch, heads, seq, dim]` to `[batch, heads, blocks, size, dim]`, filled up at the end."""
    length = x.shape[2] or tf.shape(x)[2]
    blocks = -(-length // size)
    if x.shape[2] is None or x.shape[2] % size:
        rest = blocks * size - length
        x = tf.pad(x, [[0, 0], [0, 0], [0, rest], [0, 0]], constant_values=filler)
    heads = x.shape[1] or tf.shape(x)[1]
    return tf.reshape(x, [tf.shape(x)[0], heads, blocks, size, x.shape[3]])


def _with_neighbours(x: tf.Tensor, filler: int) -> tf.Tensor:
    """`[batch, heads, blocks, size, dim]` to the same with `3 * size`: a block and both beside.

    The gradient is stated, because that of a strided slice is slow on a CPU.
    """

    @own_gradient
    def run(x):
        before = _moved(x[:, :, :-1], 1, 0, filler)
        after = _moved(x[:, :, 1:], 0, 1, filler)

        def gradient(upstream):
            of_before, own, of_after = tf.split(upstream, 3, axis=3)
            return own + _moved(of_before[:, :, 1:], 0, 1) + _moved(of_after[:, :, :-1], 1, 0)

        return tf.concat([before, x, after], axis=3), gradient

    return run(x)


def _moved(x: tf.Tensor, before: int, after: int, filler: int = 0) -> tf.Tensor:
    """Put blocks of `filler` before and after those of `x` `[batch, heads, blocks, size, dim]`."""
    pads = [[0, 0], [0, 0], [before, after], [0, 0], [0, 0]]
    return tf.pad(x, pads, constant_values=filler)
