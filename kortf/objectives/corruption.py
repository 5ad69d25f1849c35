"""Choose the tokens to mask and replace them, vectorised over a batch.

All draws are stateless and by row: a row's seed gives its masks, whatever else is in the batch.
"""

from collections.abc import Sequence

import tensorflow as tf

from kortf.layers.random import split_rows, uniform_rows
from kortf.objectives.spans import draw_cycles, run_bounds, tile


def choose_tokens(
    candidates: tf.Tensor, rate: float, max_masked: int, seeds: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Choose a share of each row's candidates, each with the same chance.

    The number wanted, `rate * candidates`, is rounded up or down by chance so that it holds on
    average; a row with any candidate gives at least one.

    Example: at rate 0.5, of the four candidates in
        >>> choose_tokens([[False, True, True, True, True, False]], 0.5, 3, seeds)
    two are chosen, such as positions [[2, 4, 0]] with weights [[1, 1, 0]].

    Args:
        candidates: bool `[batch, seq]`.
        rate: Share of the candidates in (0, 1].
        max_masked: Slots a row; what is chosen beyond them is dropped.
        seeds: int32 `[batch, 2]`.

    Returns:
        `(mask_positions, mask_weights)`, int32 and float32 `[batch, max_masked]`: ascending
        positions of weight 1, then unused slots with position 0 and weight 0.
    """
    candidates = tf.convert_to_tensor(candidates)
    order_seeds, round_seeds = split_rows(seeds, 2)
    key = tf.where(candidates, uniform_rows(order_seeds, candidates.shape[1]), 2.0)
    number = _rounded(
        tf.reduce_sum(tf.cast(candidates, tf.float32), axis=1) * rate, candidates, round_seeds
    )
    slots = min(max_masked, candidates.shape[1] or max_masked)
    order = tf.math.top_k(-key, slots).indices  # (batch, slots), in random order
    return _as_slots(order, tf.range(slots)[None, :] < number[:, None], max_masked)


def choose_words(
    candidates: tf.Tensor,
    starts_word: tf.Tensor,
    rate: float,
    max_masked: int,
    seeds: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Choose whole words of each row until they hold a share of its candidates.

    Each word has the same chance, however long it is. The last word is taken or not by chance, so
    that the share holds on average.

    Example: with the words [1], [2 3] and [4] (position 0 and 5 are no candidates)
        >>> choose_words([[False, True, True, True, True, False]],
        ...              [[True, True, True, False, True, True]], 0.5, 4, seeds)
    gives [2 3] together or not at all: positions [[2, 3, 0, 0]] or [[1, 4, 0, 0]], …

    Args:
        candidates: bool `[batch, seq]`.
        starts_word: bool `[batch, seq]`, true at the first piece of each word.
        rate: Share of the candidate tokens in (0, 1].
        max_masked: Slots a row; words that do not fit are left out.
        seeds: int32 `[batch, 2]`.

    Returns:
        `(mask_positions, mask_weights)` as `choose_tokens`.
    """
    candidates = tf.convert_to_tensor(candidates)
    begins = _word_begins(candidates, starts_word)
    return _choose_whole(candidates, begins, begins, _budget(candidates, rate), max_masked, seeds)


def choose_spans(
    candidates: tf.Tensor,
    starts_word: tf.Tensor,
    law: Sequence[float],
    rate: float,
    max_masked: int,
    seeds: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Choose spans of whole words of each row until they hold a share of its candidates.

    At least one word separates two spans. A span ends at a place that is not a candidate.

    Example: with a law that only knows two words, the five words [1] [2 3] [4] [5] [6] of
        >>> choose_spans([[False, True, True, True, True, True, True, False]],
        ...              [[True, True, True, False, True, True, True, True]],
        ...              [0.0, 1.0], 0.3, 4, seeds)
    give a span of two, such as positions [[4, 5, 0, 0]], or one that the border cut to one word,
    such as [[6, 0, 0, 0]]; never [[1, 2, 0, 0]], which would end inside a word.

    Args:
        candidates: bool `[batch, seq]`.
        starts_word: bool `[batch, seq]`, true at the first piece of each word.
        law: Probabilities of the lengths 1, 2, … in words.
        rate: Share of the candidate tokens; at most what the words between spans leave.
        max_masked: Slots a row; a span that does not fit loses its last words.
        seeds: int32 `[batch, 2]`.

    Returns:
        `(mask_positions, mask_weights)` as `choose_tokens`.
    """
    candidates = tf.convert_to_tensor(candidates)
    tile_seeds, choose_seeds = split_rows(seeds, 2)
    begins_word = _word_begins(candidates, starts_word)
    word = tf.cumsum(tf.cast(begins_word, tf.int32), axis=1) - 1
    cycles = draw_cycles(law, word.shape[1], tile_seeds)
    span, inside = tile(word, cycles)
    allowed = candidates & inside
    begins_span = _changes(allowed) | _changes(span)
    budget = _budget(candidates, rate)
    return _choose_whole(allowed, begins_span, begins_word, budget, max_masked, choose_seeds)


def replace(
    token_ids: tf.Tensor,
    mask_positions: tf.Tensor,
    mask_weights: tf.Tensor,
    mask_id: int,
    ordinary_ids: tf.Tensor,
    seeds: tf.Tensor,
    mask_share: float = 0.8,
    random_share: float = 0.1,
    span_starts: tf.Tensor | None = None,
) -> tf.Tensor:
    """Put the mask, a random piece or the piece itself at each place (Devlin et al. 2019, A.1).

    What is done is drawn for each place or, given `span_starts`, for each span as a whole.

    Example: with `mask_share=1`
        >>> replace(
        ...     [[5, 6, 7, 8]], [[1, 3, 0]], [[1.0, 1.0, 0.0]], 4, [5, 6, 7, 8], seeds, 1.0, 0.0)
        [[5, 4, 7, 4]]

    Args:
        token_ids: int32 `[batch, seq]`.
        mask_positions: int32 `[batch, max_masked]`.
        mask_weights: float32 `[batch, max_masked]`; 0 leaves the place alone.
        mask_id: Id of the mask.
        ordinary_ids: int32 `[n]`, what a random piece is drawn from.
        seeds: int32 `[batch, 2]`.
        mask_share: Chance of the mask.
        random_share: Chance of a random piece; the rest stays as it is.
        span_starts: int32 `[batch, max_masked]`, the first place of the span of each place.

    Returns:
        int32 `[batch, seq]`.
    """
    token_ids = tf.convert_to_tensor(token_ids)
    mask_positions = tf.convert_to_tensor(mask_positions)
    kind_seeds, piece_seeds = split_rows(seeds, 2)
    ordinary_ids = tf.convert_to_tensor(ordinary_ids)
    kind = tf.gather(
        uniform_rows(kind_seeds, token_ids.shape[1]),
        mask_positions if span_starts is None else span_starts,
        batch_dims=1,
    )
    drawn = uniform_rows(piece_seeds, mask_positions.shape[1])
    drawn = tf.cast(drawn * tf.cast(tf.size(ordinary_ids), tf.float32), tf.int32)
    old = tf.gather(token_ids, mask_positions, batch_dims=1)
    new = tf.where(kind < mask_share + random_share, tf.gather(ordinary_ids, drawn), old)
    new = tf.where(kind < mask_share, mask_id, new)
    return put(token_ids, mask_positions, mask_weights, new)


def put(
    token_ids: tf.Tensor, positions: tf.Tensor, weights: tf.Tensor, new: tf.Tensor
) -> tf.Tensor:
    """Put new ids at some places.

    Example:
        >>> put([[5, 6, 7, 8]], [[1, 3, 0]], [[1.0, 1.0, 0.0]], [[9, 10, 11]])
        [[5, 9, 7, 10]]

    Args:
        token_ids: int32 `[batch, seq]`.
        positions: int32 `[batch, n]`.
        weights: float32 `[batch, n]`; 0 leaves the place alone.
        new: int32 `[batch, n]`.

    Returns:
        int32 `[batch, seq]`.
    """
    token_ids, positions = tf.convert_to_tensor(token_ids), tf.convert_to_tensor(positions)
    old = tf.gather(token_ids, positions, batch_dims=1)
    change = tf.where(tf.convert_to_tensor(weights) > 0, new - old, 0)
    shape = tf.shape(positions)
    rows = tf.broadcast_to(tf.range(shape[0])[:, None], shape)
    return tf.tensor_scatter_nd_add(token_ids, tf.stack([rows, positions], axis=-1), change)


def _rounded(wanted: tf.Tensor, candidates: tf.Tensor, seeds: tf.Tensor) -> tf.Tensor:
    """`wanted` `[batch]` rounded by chance, at least 1 where a row has a candidate; int32."""
    number = tf.cast(tf.floor(wanted + uniform_rows(seeds, 1)[:, 0]), tf.int32)
    return tf.where(tf.reduce_any(candidates, axis=1), tf.maximum(number, 1), 0)


def _budget(candidates: tf.Tensor, rate: float) -> tf.Tensor:
    """Tokens that are wanted of each row; float32 `[batch, 1]`."""
    return tf.reduce_sum(tf.cast(candidates, tf.float32), axis=1, keepdims=True) * rate


def _changes(x: tf.Tensor) -> tf.Tensor:
    """Return a mask, true where `x` `[batch, n]` differs from its left neighbour, and at 0."""
    return tf.pad(x[:, 1:] != x[:, :-1], [[0, 0], [1, 0]], constant_values=True)


def _word_begins(candidates: tf.Tensor, starts_word: tf.Tensor) -> tf.Tensor:
    # A place that is no candidate ends a word as well, so that words never reach over it.
    return tf.convert_to_tensor(starts_word) | _changes(candidates)


def _choose_whole(allowed, begins_unit, begins_word, budget, max_masked, seeds):
    """Choose units (words or spans) until they hold `budget` `[batch, 1]` tokens of `allowed`.

    The units are placed on a circle in random order, and those whose middle is on an arc of the
    budget's length are chosen. Each unit has the same probability, whatever its size, and the
    budget holds on average.
    """
    order_seeds, arc_seeds = split_rows(seeds, 2)
    unit = tf.cumsum(tf.cast(begins_unit, tf.int32), axis=1) - 1  # (batch, seq)
    word = tf.cumsum(tf.cast(begins_word, tf.int32), axis=1) - 1
    key = tf.gather(uniform_rows(order_seeds, allowed.shape[1]), unit, batch_dims=1)
    order = tf.argsort(tf.where(allowed, key, 2.0), axis=1, stable=True)
    unit, word, allowed = (tf.gather(x, order, batch_dims=1) for x in (unit, word, allowed))

    first, last = run_bounds(_changes(unit))
    middle = tf.cast(first + last + 1, tf.float32) / 2  # of the unit, in order
    total = tf.reduce_sum(tf.cast(allowed, tf.float32), axis=1, keepdims=True)
    arc_begin = uniform_rows(arc_seeds, 1) * total
    around = tf.math.floormod(middle - arc_begin, tf.maximum(total, 1.0))
    taken = allowed & (around < budget)

    rank = tf.cumsum(tf.cast(taken, tf.int32), axis=1)
    _, word_end = run_bounds(_changes(word))
    fits = tf.gather(rank, word_end, batch_dims=1) <= max_masked
    return _as_slots(order, taken & fits, max_masked)


def _as_slots(order: tf.Tensor, taken: tf.Tensor, max_masked: int) -> tuple[tf.Tensor, tf.Tensor]:
    far = tf.int32.max
    positions = tf.sort(tf.where(taken, order, far), axis=1)[:, :max_masked]
    weights = tf.cast(positions < far, tf.float32)
    positions = tf.where(positions < far, positions, 0)
    missing = max_masked - positions.shape[1]
    if missing > 0:
        positions, weights = (tf.pad(x, [[0, 0], [0, missing]]) for x in (positions, weights))
    return positions, weights
