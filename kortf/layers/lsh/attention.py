"""Attention over the keys that hashing has brought near: forward, and its gradient."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from kortf.layers import random
from kortf.layers.fused.compiled import own_gradient
from kortf.layers.lsh.chunks import chunk, fold, look_around
from kortf.layers.lsh.hashing import hash_vectors
from kortf.layers.lsh.kernels import attend, attend_backward
from kortf.layers.lsh.neighbours import Reach
from kortf.layers.lsh.rounds import combine_rounds, round_weights
from kortf.layers.lsh.sorting import places, sort_by_bucket, take

_NOWHERE = -9  # group of what lies before the first and after the last chunk


class Plan(NamedTuple):
    """Who sees whom.

    Attributes:
        order: int32 `[batch, heads, rounds, seq]`, positions as they are sorted.
        marks: int32 `[batch, heads, rounds, seq]`, of the positions, as `Reach.marks` makes them.
    """

    order: tf.Tensor
    marks: tf.Tensor


def make_plan(
    vectors: tf.Tensor,
    rotations: tf.Tensor,
    groups: tf.Tensor,
    num_groups: int,
    num_buckets: int,
    reach: Reach,
    pieces: int = 1,
) -> Plan:
    """Hashes and sorts.

    Args:
        vectors: `[batch, heads, seq, dim]`, where the reach's size divides `seq`.
        rotations: `[batch or 1, heads, dim, rounds, num_buckets // 2]`.
        groups: int32 `[batch, seq]`, 1… the packed example; 0 or less for padding.
        num_groups: the largest of them.
        num_buckets: of a round.
        reach: of the queries.
        pieces: divides the heads, which are worked on so many at a time.
    """
    rounds, length = rotations.shape[-2], vectors.shape[2]

    def of_heads(vectors, rotations):
        heads = vectors.shape[1]
        buckets = hash_vectors(vectors, rotations, num_buckets)  # (batch, heads, rounds, seq)
        buckets = tf.reshape(buckets, [-1, heads * rounds, length])
        order = sort_by_bucket(buckets, num_buckets, groups, num_groups)
        marks = reach.marks(places(order), buckets)
        return tuple(tf.reshape(x, [-1, heads, rounds, length]) for x in (order, marks))

    found = _by_pieces(of_heads, pieces, (vectors, rotations), (tf.int32, tf.int32))
    return Plan(*(tf.ensure_shape(x, [None, vectors.shape[1], rounds, length]) for x in found))


def lsh_attention(
    query: tf.Tensor,
    key: tf.Tensor,
    value: tf.Tensor,
    plan: Plan,
    groups: tf.Tensor,
    reach: Reach,
    rate: float = 0.0,
    seed: tf.Tensor | None = None,
    pieces: int = 1,
) -> tf.Tensor:
    """Softmax attention over the keys that any round brings near, each counted once.

    Going back nothing is kept but what comes in, what goes out and the share of each round: scores
    are computed again.

    Args:
        query: `[batch, heads, seq, dim]`, where the reach's size divides `seq`.
        key: the same; scaled, and of the length that the scores ask for.
        value: the same.
        plan: as `make_plan` makes it.
        groups: int32 `[batch, seq]`; a query sees keys of its own group.
        reach: as `make_plan` has taken it.
        rate: of dropout on the weights.
        seed: int32 `[2]` of dropout; None for inference.
        pieces: divides the heads: so many slices of them are worked on one after the other, with so
            much less memory.

    Returns:
        `[batch, heads, seq, dim]`, in the dtype of `value`.
    """
    rate = 0.0 if seed is None else rate
    seeds = tf.zeros([pieces, 2], tf.int32) if not rate else tf.stack(random.split(seed, pieces))
    chunks = _Chunks(groups, reach, rate)

    @own_gradient
    def run(query, key, value):
        outputs, shares = _by_pieces(
            chunks.forward, pieces, (query, key, value, *plan), (value.dtype, tf.float32), seeds
        )

        def gradient(upstream):
            given = (query, key, value, *plan, outputs, shares, upstream)
            dtypes = (query.dtype, key.dtype, value.dtype)
            return _by_pieces(chunks.backward, pieces, given, dtypes, seeds)

        return outputs, gradient

    return tf.ensure_shape(run(query, key, value), value.shape)


def _by_pieces(
    function: Callable,
    pieces: int,
    tensors: Sequence[tf.Tensor],
    dtypes: tuple,
    seeds: tf.Tensor | None = None,
) -> tuple:
    """Applies a function to slices of the second axis, one after the other."""
    extra = () if seeds is None else (seeds,)
    if pieces == 1:
        return function(*tensors, *(seed[0] for seed in extra))
    slices = tuple(tf.stack(tf.split(x, pieces, axis=1)) for x in tensors)
    found = tf.map_fn(
        lambda given: function(*given), slices + extra, fn_output_signature=dtypes,
        parallel_iterations=1,
    )  # fmt: skip
    return tuple(tf.concat(tf.unstack(x, pieces), axis=1) for x in found)


class _Chunks:
    """Attention within chunks of sorted positions; rows are batch times heads."""

    def __init__(self, groups: tf.Tensor, reach: Reach, rate: float):
        self.groups = groups
        self.reach = reach
        self.rate = rate

    def forward(self, query, key, value, order, marks, seed):
        heads = value.shape[1]
        query, key, value, order, marks = map(_rows, (query, key, value, order, marks))
        near = self._windows(order)
        scores = tf.matmul(self._sorted(query, order), take_chunks(key, near), transpose_b=True)
        weights, normalisers = attend(self.reach, self.rate)(
            scores, *self._tokens(order, marks, heads), seed
        )
        attended = tf.matmul(weights, take_chunks(value, near))  # (chunks of all, size, dim)
        back = places(order)
        shares = round_weights(self._unsorted(normalisers, back))
        outputs = combine_rounds(self._unsorted(attended, back, value.shape[-1]), shares)
        return _heads(outputs, heads), _heads(shares, heads)

    def backward(self, query, key, value, order, marks, outputs, shares, upstream, seed):
        heads = value.shape[1]
        query, key, value, order, marks, outputs, shares, upstream = map(
            _rows, (query, key, value, order, marks, outputs, shares, upstream)
        )
        expected = tf.reduce_sum(
            tf.cast(upstream, tf.float32) * tf.cast(outputs, tf.float32), axis=-1
        )  # (rows, seq)
        near = self._windows(order)
        queries, keys = self._sorted(query, order), take_chunks(key, near)
        values, d = take_chunks(value, near), self._sorted(upstream, order)
        weights, ds = attend_backward(self.reach, self.rate)(
            tf.matmul(queries, keys, transpose_b=True),
            *self._tokens(order, marks, heads),
            tf.matmul(d, values, transpose_b=True),
            chunk(tf.gather(shares, order, batch_dims=2), self.reach.size),
            chunk(take(expected, order), self.reach.size),
            seed,
        )
        back = places(order)
        dq = self._summed(tf.matmul(ds, keys), back, query)
        dk = self._folded(tf.matmul(ds, queries, transpose_a=True), back, key)
        dv = self._folded(tf.matmul(weights, d, transpose_a=True), back, value)
        return tuple(_heads(x, heads) for x in (dq, dk, dv))

    def _windows(self, order):
        """Positions that each chunk sees: int32 `[rows, rounds, chunks, window]`."""
        return look_around(chunk(order, self.reach.size), self.reach.ahead, 0)

    def _sorted(self, x, order):
        return take_chunks(x, chunk(order, self.reach.size))

    def _tokens(self, order, marks, heads):
        """What `neighbour_bias` takes of queries and keys."""
        length = order.shape[-1]
        groups = tf.repeat(self.groups, heads, axis=0)[:, :, None]  # (rows, seq, 1)
        known = tf.concat([groups, tf.transpose(marks, [0, 2, 1])], axis=2)
        known = tf.transpose(take(known, order), [0, 1, 3, 2])  # (rows, rounds, 1 + rounds, seq)
        own = tf.gather(marks, order, batch_dims=2)
        tokens = tf.concat(
            [order[:, :, None], known[:, :, :1], own[:, :, None], known[:, :, 1:]], axis=2
        )
        tokens = tf.ensure_shape(tokens, [None, marks.shape[1], 3 + marks.shape[1], length])
        chunks = chunk(tokens, self.reach.size)
        return chunks, look_around(chunks, self.reach.ahead, _NOWHERE)

    def _unsorted(self, x, back, *last):
        """Brings `[…]` of sorted places to where they belong: `[rows, rounds, seq, …]`."""
        x = tf.reshape(x, [-1, *back.shape[1:], *last])
        return tf.gather(x, back, batch_dims=2)

    def _summed(self, x, back, like):
        total = tf.reduce_sum(
            tf.cast(self._unsorted(x, back, like.shape[-1]), tf.float32), axis=1
        )  # (rows, seq, dim)
        return tf.cast(total, like.dtype)

    def _folded(self, x, back, like):
        rounds, length = back.shape[1:]
        chunks, dim = length // self.reach.size, like.shape[-1]
        windows = tf.reshape(x, [-1, rounds, chunks, x.shape[1], dim])
        return self._summed(fold(windows, self.reach.ahead), back, like)


def take_chunks(x: tf.Tensor, index: tf.Tensor) -> tf.Tensor:
    """Vectors at positions: `[rows, seq, dim]` and `[rows, rounds, chunks, n]` to
    `[rows · rounds · chunks, n, dim]`."""
    return tf.reshape(take(x, index), [-1, index.shape[-1], x.shape[-1]])


def _rows(x):
    """`[batch, heads, …]` to `[batch · heads, …]`."""
    return tf.reshape(x, [-1, *x.shape[2:]])


def _heads(x, heads):
    """`[batch · heads, …]` to `[batch, heads, …]`."""
    return tf.reshape(x, [-1, heads, *x.shape[1:]])
