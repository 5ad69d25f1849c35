"""Attention over the keys that hashing has brought near: forward, and its gradient."""

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import tensorflow as tf

from kortf.layers import random
from kortf.layers.kernels.compiled import one_function, own_gradient
from kortf.layers.lsh import kernels
from kortf.layers.lsh.chunks import chunk, look_around, spread
from kortf.layers.lsh.hashing import hash_vectors
from kortf.layers.lsh.neighbours import Reach
from kortf.layers.lsh.rounds import round_weights
from kortf.layers.lsh.sorting import places, sort_by_bucket, take

_NOWHERE = -9  # group of the places before the first and after the last chunk
_AT_A_TIME = 2


class Plan(NamedTuple):
    """The keys that each query sees.

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
    """Hash the keys and sort them.

    Args:
        vectors: `[batch, heads, seq, dim]`, where the reach's size divides `seq`.
        rotations: `[batch or 1, heads, dim, rounds, num_buckets // 2]`.
        groups: int32 `[batch, seq]`, 1… the packed example; 0 or less for padding.
        num_groups: The largest of them.
        num_buckets: Number of a round.
        reach: Reach of the queries.
        pieces: Number of slices of the heads; they are computed one after the other.
    """
    plan = _planner(num_groups, num_buckets, reach)
    found = _by_pieces(plan, pieces, (vectors, rotations), [groups] * pieces)
    return Plan(*(tf.concat(x, axis=1) for x in found))


@functools.cache
def _planner(num_groups: int, num_buckets: int, reach: Reach) -> Callable:
    """Make the plan of a slice of the heads."""

    def of_heads(vectors, rotations, groups):
        heads, length, rounds = vectors.shape[1], vectors.shape[2], rotations.shape[-2]
        buckets = hash_vectors(vectors, rotations, num_buckets)  # (batch, heads, rounds, seq)
        buckets = tf.reshape(buckets, [-1, heads * rounds, length])
        order = sort_by_bucket(buckets, num_buckets, groups, num_groups)
        marks = reach.marks(places(order), buckets)
        return tuple(tf.reshape(x, [-1, heads, rounds, length]) for x in (order, marks))

    return one_function(of_heads)


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

    The backward pass keeps the weights; in a reversible layer only within that layer.

    Args:
        query: `[batch, heads, seq, dim]`, where the reach's size divides `seq`.
        key: Keys, of the length that the scores need.
        value: Values, of the same shape.
        plan: Plan from `make_plan`.
        groups: int32 `[batch, seq]`; a query sees keys of its own group.
        reach: Reach that `make_plan` took.
        rate: Rate of dropout on the weights.
        seed: int32 `[2]` of dropout; None for inference.
        pieces: Number of slices of the heads, which are computed one after the other, two at a
            time.

    Returns:
        `[batch, heads, seq, dim]`, in the dtype of `value`.
    """
    rate = 0.0 if seed is None else rate
    seeds = [tf.zeros([2], tf.int32)] * pieces if not rate else random.split(seed, pieces)
    chunks, groups = _chunks(reach, rate), [groups] * pieces

    @own_gradient
    def run(query, key, value):
        found = _by_pieces(chunks.forward, pieces, (query, key, value, *plan), seeds, groups)
        outputs, shares = (tf.concat(x, axis=1) for x in (found[0], found[1]))

        def gradient(upstream):
            given = (query, key, value, *plan, outputs, shares, upstream)
            gradients = _by_pieces(chunks.backward, pieces, given, seeds, groups, found[2])
            return tuple(tf.concat(x, axis=1) for x in gradients)

        return outputs, gradient

    return tf.ensure_shape(run(query, key, value), value.shape)


def _by_pieces(
    function: Callable, pieces: int, tensors: Sequence[tf.Tensor], *extra: Sequence
) -> list[list[tf.Tensor]]:
    """Apply a function to slices of the second axis: the list of each of its results.

    Two of them are worked on at a time, since compiled kernels keep but one core busy.
    """
    slices = [tf.split(x, pieces, axis=1) for x in tensors]
    found = []
    for i, given in enumerate(zip(*slices, strict=True)):
        before = found[i - _AT_A_TIME] if i >= _AT_A_TIME else ()
        with tf.control_dependencies(tf.nest.flatten(before)):
            given = map(tf.identity, given)
            found.append(function(*given, *(values[i] for values in extra)))
    return [list(values) for values in zip(*found, strict=True)]


@functools.cache
def _chunks(reach: Reach, rate: float) -> "_Chunks":
    return _Chunks(reach, rate)


class _Chunks:
    """Attention within chunks of sorted positions; rows are batch times heads."""

    def __init__(self, reach: Reach, rate: float):
        self.reach = reach
        self.rate = rate
        # The same in all slices of the heads and all layers.
        self.forward = one_function(self._forward)
        self.backward = one_function(self._backward)

    def _forward(self, query, key, value, order, marks, seed, groups):
        """Return the output, the share of each round, and the weights for the gradient."""
        heads = value.shape[1]
        query, key, value, order, marks = map(_rows, (query, key, value, order, marks))
        near = self._windows(order)
        scores = tf.matmul(self._sorted(query, order), _take_chunks(key, near), transpose_b=True)
        weights, normalisers, *dropped = kernels.attend(self.reach, self.rate)(
            scores, *self._tokens(order, marks, tf.repeat(groups, heads, axis=0)), seed
        )
        (dropped,) = dropped or [weights]
        attended = tf.matmul(dropped, _take_chunks(value, near))  # (chunks of all, size, dim)
        back = _unsorting(order)
        shares = round_weights(_take_places(normalisers, back))
        outputs = kernels.combine(_take_places(attended, back, value.shape[-1]), shares)
        return _heads(outputs, heads), _heads(shares, heads), weights

    def _backward(
        self, query, key, value, order, marks, outputs, shares, upstream, seed, groups, weights
    ):
        """Gradients of query, key and value."""
        del marks, groups  # they are in the weights
        heads, dim = value.shape[1], value.shape[-1]
        query, key, value, order, outputs, shares, upstream = map(
            _rows, (query, key, value, order, outputs, shares, upstream)
        )
        expected = kernels.expected(outputs, upstream)  # (rows, seq)
        shares = tf.gather(tf.transpose(shares, [0, 2, 1]), order, batch_dims=2)
        expected = take(expected, order) * shares  # (rows, rounds, seq)
        near, size = self._windows(order), self.reach.size
        shares = tf.reshape(shares, [-1, size])
        d = kernels.scaled(self._sorted(upstream, order), shares)
        ds, *dropped = kernels.attend_backward(self.rate)(
            weights,
            tf.matmul(d, _take_chunks(value, near), transpose_b=True),
            tf.reshape(expected, [-1, size]),
            seed,
        )
        (dropped,) = dropped or [weights]
        back = _unsorting(order)
        dq = tf.matmul(ds, _take_chunks(key, near))
        dq = kernels.summed(_take_places(dq, back, dim))
        windows = self._spread(back)
        dk = tf.matmul(ds, self._sorted(query, order), transpose_a=True)
        dv = tf.matmul(dropped, d, transpose_a=True)
        dk, dv = (kernels.summed(_take_places(x, windows, dim)) for x in (dk, dv))
        return tuple(_heads(x, heads) for x in (dq, dk, dv))

    def _windows(self, order):
        """Positions that each chunk sees: int32 `[rows, rounds, chunks, window]`."""
        return look_around(chunk(order, self.reach.size), self.reach.ahead, 0)

    def _sorted(self, x, order):
        return _take_chunks(x, chunk(order, self.reach.size))

    def _tokens(self, order, marks, groups):
        """Return the arguments of `times_seen`."""
        length = order.shape[-1]
        known = tf.concat([groups[:, :, None], tf.transpose(marks, [0, 2, 1])], axis=2)
        known = tf.transpose(take(known, order), [0, 1, 3, 2])  # (rows, rounds, 1 + rounds, seq)
        own = tf.gather(marks, order, batch_dims=2)
        tokens = tf.concat(
            [order[:, :, None], known[:, :, :1], own[:, :, None], known[:, :, 1:]], axis=2
        )
        tokens = tf.ensure_shape(tokens, [None, marks.shape[1], 3 + marks.shape[1], length])
        chunks = chunk(tokens, self.reach.size)
        return chunks, look_around(chunks, self.reach.ahead, _NOWHERE)

    def _spread(self, back):
        """Return the places of each position in the windows of all rounds: `[rows, seq, n]`."""
        length, rounds = back.shape[1:]
        starts = tf.range(rounds) * length
        found = spread(back - starts, length, self.reach.size, self.reach.ahead)
        window = found.shape[-1] * self.reach.size
        found += (tf.range(rounds) * (length // self.reach.size) * window)[:, None]
        return tf.reshape(found, [-1, length, rounds * found.shape[-1]])


def _unsorting(order):
    """Return the sorted place of each position in all rounds: int32 `[rows, seq, rounds]`."""
    rounds, length = order.shape[1:]
    return tf.transpose(places(order), [0, 2, 1]) + tf.range(rounds) * length


def _take_chunks(x, index):
    """Return vectors at positions: `[rows, seq, dim]` and `[rows, rounds, chunks, n]` to
    `[rows · rounds · chunks, n, dim]`."""
    return tf.reshape(take(x, index), [-1, index.shape[-1], x.shape[-1]])


def _take_places(x, index, *last):
    """Gather values by places, numbered through in each row: `[…]`, `[rows, seq, n]` to
    `[rows, seq, n, …]`."""
    return take(tf.reshape(x, [tf.shape(index)[0], -1, *last]), index)


def _rows(x):
    """`[batch, heads, …]` to `[batch · heads, …]`."""
    return tf.reshape(x, [-1, *x.shape[2:]])


def _heads(x, heads):
    """`[batch · heads, …]` to `[batch, heads, …]`."""
    return tf.reshape(x, [-1, heads, *x.shape[1:]])
