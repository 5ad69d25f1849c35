"""Pooling against NumPy, row by row without padding."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers.heads.pooling import POOLINGS, pool

RNG = np.random.default_rng(0)
LENGTHS, SEQ, DIM = (6, 4, 1), 6, 5
SEQUENCE = RNG.normal(size=(3, SEQ, DIM)).astype(np.float32)
POOLED = RNG.normal(size=(3, DIM)).astype(np.float32)


def expected(pooling: str, row: int) -> np.ndarray:
    tokens = SEQUENCE[row, : LENGTHS[row]]
    return POOLED[row] if pooling == "cls" else getattr(tokens, pooling)(axis=0)


@pytest.mark.parametrize("dtype, atol", [("float32", 1e-6), ("bfloat16", 2e-2)])
@pytest.mark.parametrize("pooling", POOLINGS)
def test_it_is_that_of_the_rows_alone(pooling, dtype, atol):
    outputs = {"sequence": tf.cast(SEQUENCE, dtype), "pooled": tf.cast(POOLED, dtype)}
    mask = tf.sequence_mask(LENGTHS, SEQ)
    found = tf.function(lambda: pool(outputs, mask, pooling), jit_compile=True, autograph=False)()
    assert found.dtype == dtype
    wanted = [expected(pooling, row) for row in range(3)]
    np.testing.assert_allclose(tf.cast(found, tf.float32), wanted, atol=atol)
