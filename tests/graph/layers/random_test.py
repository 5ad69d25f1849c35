"""Seeds: what is derived from them differs, and is spread evenly."""

import numpy as np
import tensorflow as tf

from kortf.layers import random


def test_seeds_that_are_split_or_folded_all_differ():
    found = []
    for seed in ([0, 0], [0, 1], [1, 0], [7, -3], [-1, 2**31 - 1]):
        seed = tf.constant(seed)
        found += [part.numpy().tolist() for part in random.split(seed, 50)]
        found += [random.fold_in(seed, tf.constant(n)).numpy().tolist() for n in range(50)]
    assert len({tuple(seed) for seed in found}) == len(found)


def test_no_seed_stays_none():
    assert random.split(None, 3) == [None] * 3


def test_derived_seeds_are_spread_over_all_bits():
    steps = tf.stack([tf.zeros([2000], tf.int32), tf.range(2000)], axis=1)  # (seed, step)
    fold = tf.function(lambda seeds: tf.map_fn(lambda s: random.fold_in(s, tf.constant(0)), seeds))
    folded = fold(steps)
    words = tf.bitcast(tf.concat([folded, *random.split_rows(steps, 2)], axis=0), tf.uint32).numpy()
    bits = np.unpackbits(words.astype("<u4").view(np.uint8)).reshape(-1, 64)
    deviation = np.abs(bits.mean(axis=0) - 0.5) * 2 * np.sqrt(len(bits))
    assert deviation.max() < 4.5  # standard errors, the largest of 64


def test_dropout_keeps_its_share_in_every_step():
    kept = [
        float(
            tf.reduce_mean(
                tf.cast(random.keep_scale([4000], 0.1, seed, tf.float32) > 0, tf.float32)
            )
        )
        for seed in random.split(tf.constant([3, 4]), 100)
    ]
    error = np.sqrt(0.9 * 0.1 / 4000)
    assert np.abs(np.array(kept) - 0.9).max() < 4.5 * error
    assert abs(np.mean(kept) - 0.9) < 4 * error / 10
