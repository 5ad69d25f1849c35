"""Spans of whole words: how long they are, where in a row they may lie, where they begin and end.

Vectorised over a batch, stateless.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.layers.random import split


def geometric(p: float, longest: int) -> np.ndarray:
    """Law of a geometric length that is cut off (Joshi et al. 2019, section 3.1: p 0.2, 10 words).

    Example:
        >>> geometric(0.5, 2)
        [0.66666667, 0.33333333]

    Returns:
        Probabilities of the lengths 1…longest.
    """
    law = p * (1 - p) ** np.arange(longest)
    return law / law.sum()


def harmonic(longest: int) -> np.ndarray:
    """Law of a length with probability proportional to 1/length (Lan et al. 2020, section 4.1).

    Example:
        >>> harmonic(3)
        [0.54545455, 0.27272727, 0.18181818]

    Returns:
        Probabilities of the lengths 1…longest.
    """
    law = 1 / np.arange(1, longest + 1)
    return law / law.sum()


def tile(words: tf.Tensor, law: Sequence[float], seed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Divides each row into spans of whole words with one word between each two.

    The lengths are drawn from a law. The word between belongs to no span, so that spans never touch
    and what lies beside a span is never hidden with it. The first span is one that began before the
    row, as far into it as chance will have it: each word has the same chance to lie in a span.

    Example: with a law that only knows two words, the five words of
        >>> tile([[0, 1, 1, 2, 3, 4]], [0.0, 1.0], seed)
    are divided in one of three ways; spans of [0 1] and [3 4], in pieces:
        ([[0, 0, 0, 0, 1, 1]], [[True, True, True, False, True, True]])

    Args:
        words: int32 `[batch, seq]`, the number of the word that a piece belongs to, ascending by at
            most one.
        law: probabilities of the lengths 1, 2, … in words.
        seed: int32 `[2]`.

    Returns:
        `(span, inside)`, int32 and bool `[batch, seq]`: the number of the span and whether the
        piece lies in it, or else is the word behind it.
    """
    words = tf.convert_to_tensor(words)
    batch, length = tf.shape(words)[0], words.shape[1]
    phase_seed, length_seed = split(seed, 2)
    # A cycle is a span and the word behind it. What is left of a cycle at a place taken at random:
    # r words with probability P(cycle >= r) / E(cycle).
    cycle = np.concatenate([[0.0], np.asarray(law, np.float64)])  # of 1, 2, … words
    left = np.cumsum(cycle[::-1])[::-1] / np.sum(cycle * np.arange(1, len(cycle) + 1))
    first = _draw(left, [batch, 1], phase_seed)
    more = _draw(cycle, [batch, length // 2 + 1], length_seed)  # none is shorter than two words
    ends = tf.cumsum(tf.concat([first, more], axis=1), axis=1)  # first word of the next cycle
    span = tf.searchsorted(ends, words, side="right")  # (batch, seq)
    return span, tf.searchsorted(ends, words + 1, side="right") == span


def span_bounds(mask_positions: tf.Tensor, mask_weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """First and last place of the run of neighbours that each hidden place lies in.

    Example:
        >>> span_bounds([[2, 3, 4, 7, 0]], [[1.0, 1.0, 1.0, 1.0, 0.0]])
        ([[2, 2, 2, 7, 0]], [[4, 4, 4, 7, 0]])

    Args:
        mask_positions: int32 `[batch, max_masked]`, ascending as far as they are used.
        mask_weights: float32 `[batch, max_masked]`, 0 for an unused slot.

    Returns:
        `(span_starts, span_ends)`, int32 `[batch, max_masked]`, 0 for an unused slot.
    """
    positions = tf.convert_to_tensor(mask_positions)
    used = tf.convert_to_tensor(mask_weights) > 0
    parted = (positions[:, 1:] - positions[:, :-1] != 1) | (used[:, 1:] != used[:, :-1])
    first, last = run_bounds(tf.pad(parted, [[0, 0], [1, 0]]))
    starts, ends = (tf.gather(positions, index, batch_dims=1) for index in (first, last))
    return tf.where(used, starts, 0), tf.where(used, ends, 0)


def run_bounds(begins: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Index of the first and the last element of the run that each element lies in.

    Example:
        >>> run_bounds([[True, False, True, True, False]])
        ([[0, 0, 2, 3, 3]], [[1, 1, 2, 4, 4]])

    Args:
        begins: bool `[batch, n]`, true where a run begins; the first element begins one anyhow.

    Returns:
        `(first, last)`, int32 `[batch, n]`.
    """
    run = tf.cumsum(tf.cast(begins, tf.int32), axis=1)
    first = tf.searchsorted(run, run, side="left")
    return first, tf.searchsorted(run, run, side="right") - 1


def _draw(law: np.ndarray, shape, seed: tf.Tensor) -> tf.Tensor:
    """Draws 1, 2, … with the probabilities `law`; int32 of `shape`."""
    uniform = tf.random.stateless_uniform(shape, seed, alg="philox")
    bounds = tf.constant(np.cumsum(law)[:-1], tf.float32)
    return 1 + tf.reduce_sum(tf.cast(uniform[..., None] >= bounds, tf.int32), axis=-1)
