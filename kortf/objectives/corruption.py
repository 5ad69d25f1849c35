"""Which tokens are hidden, and what stands in their place: vectorised over a batch.

All draws are stateless: the same seed gives the same masks, whatever ran before.
"""

import tensorflow as tf

from kortf.layers.random import split


def _uniform(shape, seed: tf.Tensor) -> tf.Tensor:
    return tf.random.stateless_uniform(shape, seed, alg="philox")


def choose_tokens(
    candidates: tf.Tensor, rate: float, max_masked: int, seed: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Chooses a share of each row's candidates, each with the same chance.

    The number wanted, `rate * candidates`, is rounded up or down by chance so that it holds on
    average; a row with any candidate gives at least one.

    Example: at rate 0.5, of the four candidates in
        >>> choose_tokens([[False, True, True, True, True, False]], 0.5, 3, seed)
    two are chosen, such as positions [[2, 4, 0]] with weights [[1, 1, 0]].

    Args:
        candidates: bool `[batch, seq]`.
        rate: share of the candidates in (0, 1].
        max_masked: slots a row; what is chosen beyond them is dropped.
        seed: int32 `[2]`.

    Returns:
        `(mask_positions, mask_weights)`, int32 and float32 `[batch, max_masked]`: ascending
        positions of weight 1, then unused slots with position 0 and weight 0.
    """
    candidates = tf.convert_to_tensor(candidates)
    order_seed, round_seed = split(seed, 2)
    key = tf.where(candidates, _uniform(tf.shape(candidates), order_seed), 2.0)
    number = _rounded(
        tf.reduce_sum(tf.cast(candidates, tf.float32), axis=1) * rate, candidates, round_seed
    )
    slots = min(max_masked, candidates.shape[1] or max_masked)
    order = tf.math.top_k(-key, slots).indices  # (batch, slots), in random order
    return _as_slots(order, tf.range(slots)[None, :] < number[:, None], max_masked)


def choose_words(
    candidates: tf.Tensor,
    starts_word: tf.Tensor,
    rate: float,
    max_masked: int,
    seed: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Chooses whole words of each row until they hold a share of its candidates.

    Words are taken in random order. The one that crosses the wanted number of tokens is taken with
    the chance that makes the number hold on average, and dropped where it does not fit the slots.

    Example: with the words [1], [2 3] and [4] (position 0 and 5 are no candidates)
        >>> choose_words([[False, True, True, True, True, False]],
        ...              [[True, True, True, False, True, True]], 0.5, 4, seed)
    gives [2 3] together or not at all: positions [[2, 3, 0, 0]] or [[1, 4, 0, 0]], …

    Args:
        candidates: bool `[batch, seq]`.
        starts_word: bool `[batch, seq]`, true at the first piece of each word.
        rate: share of the candidate tokens in (0, 1].
        max_masked: slots a row.
        seed: int32 `[2]`.

    Returns:
        `(mask_positions, mask_weights)` as `choose_tokens`.
    """
    candidates = tf.convert_to_tensor(candidates)
    starts_word = tf.convert_to_tensor(starts_word)
    order_seed, chance_seed = split(seed, 2)
    length = candidates.shape[1]
    # A place that is no candidate ends a word as well, so that words never reach over it.
    begins = tf.logical_or(starts_word, candidates != tf.roll(candidates, 1, axis=1))
    word = tf.cumsum(tf.cast(begins, tf.int32), axis=1) - 1  # (batch, seq); -1 before the first
    word = tf.maximum(word, 0)
    word_key = tf.gather(_uniform(tf.shape(candidates), order_seed), word, batch_dims=1)
    order = tf.argsort(tf.where(candidates, word_key, 2.0), axis=1, stable=True)  # (batch, seq)

    # In that order each word is one run: where does its run begin and end?
    sorted_word = tf.gather(word, order, batch_dims=1)
    sorted_candidate = tf.gather(candidates, order, batch_dims=1)
    run_begins = tf.concat(
        [tf.ones_like(begins[:, :1]), sorted_word[:, 1:] != sorted_word[:, :-1]], axis=1
    )
    run = tf.cumsum(tf.cast(run_begins, tf.int32), axis=1) - 1  # (batch, seq)
    sizes = tf.reduce_sum(tf.one_hot(run, length, dtype=tf.int32), axis=1)  # (batch, runs)
    ends = tf.gather(tf.cumsum(sizes, axis=1), run, batch_dims=1)  # (batch, seq)
    begin = ends - tf.gather(sizes, run, batch_dims=1)

    budget = tf.reduce_sum(tf.cast(candidates, tf.float32), axis=1, keepdims=True) * rate
    share = (budget - tf.cast(begin, tf.float32)) / tf.cast(tf.maximum(ends - begin, 1), tf.float32)
    chance = _uniform([tf.shape(candidates)[0], 1], chance_seed)  # one crossing word a row
    taken = sorted_candidate & (share > chance) & (ends <= max_masked)
    slots = min(max_masked, length)
    return _as_slots(order[:, :slots], taken[:, :slots], max_masked)


def replace(
    token_ids: tf.Tensor,
    mask_positions: tf.Tensor,
    mask_weights: tf.Tensor,
    mask_id: int,
    ordinary_ids: tf.Tensor,
    seed: tf.Tensor,
    mask_share: float = 0.8,
    random_share: float = 0.1,
) -> tf.Tensor:
    """Puts the mask, a random piece or the piece itself at each place (Devlin et al. 2019, A.1).

    Example: with `mask_share=1`
        >>> replace([[5, 6, 7, 8]], [[1, 3, 0]], [[1.0, 1.0, 0.0]], 4, [5, 6, 7, 8], seed, 1.0, 0.0)
        [[5, 4, 7, 4]]

    Args:
        token_ids: int32 `[batch, seq]`.
        mask_positions: int32 `[batch, max_masked]`.
        mask_weights: float32 `[batch, max_masked]`; 0 leaves the place alone.
        mask_id: id of the mask.
        ordinary_ids: int32 `[n]`, what a random piece is drawn from.
        seed: int32 `[2]`.
        mask_share: chance of the mask.
        random_share: chance of a random piece; the rest stays as it is.

    Returns:
        int32 `[batch, seq]`.
    """
    token_ids = tf.convert_to_tensor(token_ids)
    shape = tf.shape(mask_positions)
    kind_seed, piece_seed = split(seed, 2)
    ordinary_ids = tf.convert_to_tensor(ordinary_ids)
    kind = _uniform(shape, kind_seed)
    drawn = tf.random.stateless_uniform(
        shape, piece_seed, 0, tf.size(ordinary_ids), tf.int32, alg="philox"
    )
    old = tf.gather(token_ids, mask_positions, batch_dims=1)
    new = tf.where(kind < mask_share + random_share, tf.gather(ordinary_ids, drawn), old)
    new = tf.where(kind < mask_share, mask_id, new)
    change = tf.where(tf.convert_to_tensor(mask_weights) > 0, new - old, 0)
    rows = tf.broadcast_to(tf.range(shape[0])[:, None], shape)
    index = tf.stack([rows, mask_positions], axis=-1)
    return tf.tensor_scatter_nd_add(token_ids, index, change)


def _rounded(wanted: tf.Tensor, candidates: tf.Tensor, seed: tf.Tensor) -> tf.Tensor:
    """`wanted` `[batch]` rounded by chance, at least 1 where a row has a candidate; int32."""
    number = tf.cast(tf.floor(wanted + _uniform(tf.shape(wanted), seed)), tf.int32)
    return tf.where(tf.reduce_any(candidates, axis=1), tf.maximum(number, 1), 0)


def _as_slots(order: tf.Tensor, taken: tf.Tensor, max_masked: int) -> tuple[tf.Tensor, tf.Tensor]:
    far = tf.int32.max
    positions = tf.sort(tf.where(taken, order, far), axis=1)
    weights = tf.cast(positions < far, tf.float32)
    positions = tf.where(positions < far, positions, 0)
    missing = max_masked - positions.shape[1]
    if missing > 0:
        positions, weights = (tf.pad(x, [[0, 0], [0, missing]]) for x in (positions, weights))
    return positions, weights
