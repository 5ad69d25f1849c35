"""A batch of random ids, as the pipeline makes it of records."""

import types

import numpy as np
import tensorflow as tf


def vocabulary(size: int):
    """Vocabulary for masking, in which every third piece continues a word."""
    starts = np.arange(size) % 3 != 2
    starts[:5] = True
    return types.SimpleNamespace(
        size=size, special_ids=[0, 1, 2, 3, 4], mask_id=4, unk_id=1, starts_word=starts
    )


def clean_batch(rows: int, length: int, pieces: int) -> dict[str, tf.Tensor]:
    """Clean features `[rows, length]` of unpaired records, one example a row."""
    rng = np.random.default_rng(0)
    ids = rng.integers(5, pieces, (rows, length)).astype(np.int32)
    ids[:, 0], ids[:, -1] = 2, 3
    return {
        "token_ids": tf.constant(ids),
        "segment_ids": tf.zeros_like(ids),
        "padding_mask": tf.ones_like(ids, tf.bool),
        "draw_seed": tf.constant(rng.integers(0, 2**31, (rows, 2)).astype(np.int32)),
    }
