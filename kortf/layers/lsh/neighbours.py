"""Visibility and weight of keys in a round of hashing."""

import dataclasses

import tensorflow as tf

NEVER = -1e9  # bias of a key that is masked out
LAST_RESORT = -1e5  # bias of a query's own key: of use only where there is no other


@dataclasses.dataclass(frozen=True)
class Reach:
    """Range of keys that a query sees in the sorted sequence.

    By chunks, as published (Kitaev et al. 2020, section 2), a query sees its chunk and the one
    before it. The end of a chunk depends on the number of positions in earlier buckets, some of
    which come later in the text, so chunks leak information from the future into a causal model.
    Causal models here use buckets instead: a query sees the `size` keys of its own bucket that
    precede it.

    Attributes:
        size: Positions a chunk.
        causal: Whether a query sees only itself and earlier positions of the text.
        by_bucket: Whether the reach ends with the bucket, `size` keys away.
        ahead: Whether a query sees keys that are sorted after it: the next chunk as well, or as
            many keys of its bucket.
    """

    size: int
    causal: bool
    by_bucket: bool
    ahead: bool

    @property
    def farthest(self) -> int:
        """Return the largest difference of two `marks` that see each other."""
        return self.size if self.by_bucket else 1

    def marks(self, places: tf.Tensor, buckets: tf.Tensor) -> tf.Tensor:
        """Return numbers whose difference says whether one position is within the reach of another.

        Example: with chunks of two, the number of the chunk
            >>> Reach(2, False, by_bucket=False, ahead=True).marks([[[3, 0, 1, 2]]], [[[1, 0, 0, 1]]])
            [[[1, 0, 0, 1]]]

        and by bucket, places with a gap between buckets that is too wide to look across
            >>> Reach(2, True, by_bucket=True, ahead=False).marks([[[3, 0, 1, 2]]], [[[1, 0, 0, 1]]])
            [[[6, 0, 1, 5]]]

        Args:
            places: int32 `[batch, rounds, seq]`, in the sorted sequence.
            buckets: int32 `[batch, rounds, seq]`.

        Returns:
            int32 `[batch, rounds, seq]`.
        """  # noqa: E501
        places = tf.convert_to_tensor(places)
        if self.by_bucket:
            return places + tf.convert_to_tensor(buckets) * (self.size + 1)
        return places // self.size

    def near(self, query: tf.Tensor, key: tf.Tensor) -> tf.Tensor:
        """Return whether a key with one mark is within the reach of a query with another."""
        apart = query - key
        if self.ahead:
            apart += self.farthest
        # One comparison instead of two: a negative number is a large unsigned one.
        farthest = self.farthest * (2 if self.ahead else 1)
        return tf.cast(apart, tf.uint32) <= tf.constant(farthest, tf.uint32)


def neighbour_bias(query: tf.Tensor, key: tf.Tensor, reach: Reach) -> tf.Tensor:
    """Return the bias of the scores of a round.

    Example: the first of three keys is the query itself, the third of another packed example
        >>> reach = Reach(2, False, by_bucket=False, ahead=True)
        >>> neighbour_bias([[[5]], [[1]], [[0]]], [[[5, 4, 3]], [[1, 1, 2]], [[0, 1, 0]]], reach)
        [[[-100000.0, 0.0, -1000000000.0]]]

    Args:
        query: int32 `[…, 3 or more, chunks, size]`: position, group and mark in this round.
        key: The same of the keys, `[…, 3 or more, chunks, window]`.
        reach: Range of keys that are near.

    Returns:
        float32 `[…, chunks, size, window]`.
    """
    (at, key_at), (group, key_group), (mark, key_mark), *_ = _pairs(query, key)
    seen = group == key_group
    if reach.by_bucket:
        seen &= reach.near(mark, key_mark)
    if reach.causal:
        seen &= key_at <= at
    return tf.where(seen, tf.where(at == key_at, LAST_RESORT, 0.0), NEVER)


def times_seen(query: tf.Tensor, key: tf.Tensor, reach: Reach) -> tf.Tensor:
    """In how many rounds a key is within the reach of a query, if in any; else 1.

    A key's weight in each of them is divided by their number, so that it counts once (Kitaev et al.
    2020, appendix A, where the logarithm is taken from the score).

    Example: two rounds and two keys; the first is near in both rounds
        >>> reach = Reach(2, False, by_bucket=False, ahead=True)
        >>> query, key = [[[7]], [[1]], [[0]], [[0]], [[2]]], [[[5, 4]], [[1, 1]], [[0, 1]]]
        >>> times_seen(query, key + [[[0, 1]], [[2, 9]]], reach)
        [[[2.0, 1.0]]]

    Args:
        query: int32 `[…, 3 + rounds, chunks, size]`: position, group, mark in this round, and marks
            in all rounds.
        key: The same of the keys, `[…, 3 + rounds, chunks, window]`.
        reach: Range of keys that are near.

    Returns:
        float32 `[…, chunks, size, window]`.
    """
    rounds = _pairs(query, key)[3:]
    near = (tf.cast(reach.near(mark, key_mark), tf.float32) for mark, key_mark in rounds)
    return tf.maximum(tf.add_n(list(near)), 1.0)


def _pairs(query, key):
    queries = [q[..., :, None] for q in tf.unstack(tf.convert_to_tensor(query), axis=-3)]
    keys = [k[..., None, :] for k in tf.unstack(tf.convert_to_tensor(key), axis=-3)]
    return list(zip(queries, keys, strict=True))
