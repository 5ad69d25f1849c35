"""Spans of whole words: how long they are, where in a row they may lie, where they begin and end.

Vectorised over a batch, stateless.
"""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.layers.random import split_rows, uniform_rows


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


def draw_cycles(law: Sequence[float], words: int, seeds: tf.Tensor) -> tf.Tensor:
    """Draw spans, each with the word behind it, that fill rows of words.

    The first is one that began before the row, as far into it as chance will have it, so that each
    word has the same chance to lie in a span.

    Example: with a law that only knows spans of two words, cycles have three
        >>> draw_cycles([0.0, 1.0], 6, [[1, 2]])
        [[2, 3, 3, 3, 3]]
    where the first may also be 1 or 3.

    Args:
        law: Probabilities of the spans of 1, 2, … words.
        words: Most words in a row.
        seeds: int32 `[rows, 2]`.

    Returns:
        int32 `[rows, n]`, the words of each cycle; their sum is larger than `words`.
    """
    first_seeds, more_seeds = split_rows(seeds, 2)
    cycle = np.concatenate([[0.0], np.asarray(law, np.float64)])  # of 1, 2, … words
    # Rest of a cycle from a random place on: P(left = n) = P(cycle >= n) / E(cycle).
    left = np.cumsum(cycle[::-1])[::-1] / np.sum(cycle * np.arange(1, len(cycle) + 1))
    first = _draw(left, 1, first_seeds)
    more = _draw(cycle, words // 2 + 1, more_seeds)  # none is shorter than two words
    return tf.concat([first, more], axis=1)


def tile(words: tf.Tensor, cycles: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Divide rows into spans of whole words with one word between each two.

    The word between belongs to no span, so the neighbours of a span are never masked with it.

    Example: five words, of which the second has two pieces, and cycles of three words
        >>> tile([[0, 1, 1, 2, 3, 4]], [[3, 3]])
        ([[0, 0, 0, 0, 1, 1]], [[True, True, True, False, True, True]])

    Args:
        words: int32 `[batch, seq]`, the number of the word that a piece belongs to, ascending.
        cycles: int32 `[batch, n]`, the words of each span and the one behind it.

    Returns:
        `(span, inside)`, int32 and bool `[batch, seq]`: the number of the span and whether the
        piece is in it, or else in the word behind it.
    """
    words = tf.convert_to_tensor(words)
    ends = tf.cumsum(cycles, axis=1)  # the first word of the next cycle
    span = tf.searchsorted(ends, words, side="right")
    return span, tf.searchsorted(ends, words + 1, side="right") == span


def span_bounds(mask_positions: tf.Tensor, mask_weights: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the first and last place of the run of neighbours around each masked place.

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
    """Return the indices of the first and the last element of the run of each element.

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


def _draw(law: np.ndarray, columns: int, seeds: tf.Tensor) -> tf.Tensor:
    """Draw 1, 2, … with the probabilities `law`; int32 `[rows, columns]`."""
    uniform = uniform_rows(seeds, columns)
    bounds = tf.constant(np.cumsum(law)[:-1], tf.float32)
    return 1 + tf.reduce_sum(tf.cast(uniform[..., None] >= bounds, tf.int32), axis=-1)
