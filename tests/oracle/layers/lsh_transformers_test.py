"""The LSH layer against that of transformers, whose deviations from the paper are taken out.

1. Its scores are not divided by the square root of the head's size: our weights make up for it.
2. Its first chunk looks at the last one, of the round before: here it looks at nothing.
3. A key that is seen in several rounds counts as often: here ours counts so, too.

In float64: where a position sees only itself, rounds are weighted by differences of numbers near
-100,000, for which the float32 of transformers is too coarse (by 0.005 here; ours is a softmax).
And a causal layer of ours looks by bucket; here by chunk, as published.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import lsh
from kortf.layers.lsh import kernels
from kortf.layers.lsh.self_attention import LSHContext, LSHSelfAttention
from tests.harness.layers.lsh_transformers import (
    CHUNKS,
    DIM,
    HEAD_DIM,
    HEADS,
    LENGTH,
    SEED,
    SIZE,
    end_at_the_edges,
)

torch = pytest.importorskip("torch")
reformer = pytest.importorskip("transformers.models.reformer.modeling_reformer")

pytestmark = pytest.mark.oracle

X = np.random.default_rng(0).normal(size=(2, LENGTH, DIM)).astype(np.float32)


def theirs(rounds: int, causal: bool, ahead: bool):
    from transformers import ReformerConfig

    config = ReformerConfig(
        attention_head_size=HEAD_DIM, hidden_size=DIM, num_attention_heads=HEADS,
        num_buckets=CHUNKS, num_hashes=rounds, lsh_attn_chunk_length=SIZE, hash_seed=SEED,
        lsh_num_chunks_before=1, lsh_num_chunks_after=int(ahead), is_decoder=causal,
        lsh_attention_probs_dropout_prob=0.0,
    )  # fmt: skip
    torch.manual_seed(0)
    return reformer.LSHSelfAttention(config).eval().double()


def ours(layer, rounds: int, causal: bool, ahead: bool, monkeypatch) -> LSHSelfAttention:
    mine = LSHSelfAttention(HEADS, rounds, SIZE, causal, 0, 0, ahead, dropout=0.0)
    mine.build((None, None, DIM))
    kernel = layer.query_key.weight.detach().numpy().T * HEAD_DIM**0.5
    mine.query_key_kernel.assign(kernel)
    mine.value_kernel.assign(layer.value.weight.detach().numpy().T)
    mine.output_kernel.assign(np.eye(DIM))
    torch.manual_seed(SEED)
    shape = (HEADS, HEAD_DIM, rounds, CHUNKS // 2)
    rotations = torch.randn(shape, dtype=torch.float64).numpy()[None]
    monkeypatch.setattr(lsh, "random_rotations", lambda *_: tf.constant(rotations))
    reach = lsh.Reach(SIZE, causal, by_bucket=False, ahead=ahead)
    monkeypatch.setattr(mine, "_reach", lambda: reach)
    return mine


@pytest.mark.parametrize("causal, ahead", [(True, False), (False, True), (False, False)])
@pytest.mark.parametrize("rounds", [1, 3])
def test_the_layer_is_that_of_transformers(causal, ahead, rounds, monkeypatch):
    keras.utils.set_random_seed(0)
    layer = theirs(rounds, causal, ahead)
    mine = ours(layer, rounds, causal, ahead, monkeypatch)
    context = LSHContext(tf.ones([2, LENGTH], tf.int32), 1, tf.zeros([1, 2], tf.int32))

    def apart():
        with torch.no_grad():
            expected = layer(torch.tensor(X).double()).hidden_states.numpy()
        return np.abs(mine(X, context=context)[0] - expected).max()

    assert apart() > 1e-2  # the edges
    end_at_the_edges(layer, rounds, monkeypatch)
    if rounds > 1:
        assert apart() > 1e-3  # keys that count twice
        monkeypatch.setattr(kernels, "times_seen", lambda *_: 1.0)
    assert apart() < 1e-4
