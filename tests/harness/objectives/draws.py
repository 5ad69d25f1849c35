"""Seeds of rows, as the pipeline gives them."""

import tensorflow as tf


def row_seeds(rows: int, seed: int = 1) -> tf.Tensor:
    """int32 `[rows, 2]`."""
    return tf.random.stateless_uniform([rows, 2], [seed, 2], None, None, tf.int32)
