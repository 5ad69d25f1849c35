"""Scores of the vocabulary in parts against all at once."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from kortf import models
from kortf.layers.heads import heads
from kortf.layers.heads.heads import CausalLMHead, MaskedLMHead, VocabularyLoss

X = np.random.default_rng(0).normal(size=(7, 8)).astype(np.float32)
LABELS = np.random.default_rng(1).integers(0, 13, 7).astype(np.int32)
UPSTREAM = tf.range(1.0, 8.0)


def make(kind, chunks=None, **settings):
    """A loss and all variables that it reads."""
    keras.utils.set_random_seed(0)
    sizes = {"vocabulary_size": 13, "num_layers": 1, "num_heads": 2, "hidden_dim": 8}
    name = "gpt" if kind is CausalLMHead else "bert"
    encoder = models.build(name, **sizes, max_length=4, init_scale=0.3, **settings)
    head = kind.over(encoder)
    variables = [*head.trainable_variables, encoder.token_embedding.embeddings]
    return VocabularyLoss(head, chunks), variables


def run(loss, variables):
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        found, correct = loss(x, tf.constant(LABELS))
        total = tf.reduce_sum(found * UPSTREAM)
    gradients = tape.gradient(total, [x, *(v.value for v in variables)])
    return found, correct, *map(tf.convert_to_tensor, gradients)


@pytest.mark.parametrize("chunks", [2, 7])
@pytest.mark.parametrize(
    "kind, settings",
    [(MaskedLMHead, {}), (CausalLMHead, {}), (CausalLMHead, {"embedding_dim": 6})],
)
def test_parts_make_the_whole(kind, settings, chunks):
    whole = run(*make(kind, chunks=1, **settings))
    parts = make(kind, chunks, **settings)
    for compiled in (False, True):
        found = tf.function(lambda: run(*parts), jit_compile=compiled, autograph=False)()
        for one, other in zip(found, whole, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-5)


def test_parts_are_as_many_as_the_scores_ask_for(monkeypatch):
    calls = []

    def count(function, weights, rows, results, chunks):
        calls.append(chunks)
        return [tf.zeros(7)] * 2

    monkeypatch.setattr(heads, "in_chunks", count)
    loss, _ = make(MaskedLMHead)
    loss(X, LABELS)
    monkeypatch.setattr(heads, "_SCORES_AT_A_TIME", 40)
    loss(X, LABELS)
    assert calls == [3]  # 7 x 13 scores


def test_each_replica_scores_by_its_own_copy():
    loss, variables = make(MaskedLMHead, chunks=2)
    expected = run(loss, variables)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        loss, variables = make(MaskedLMHead, chunks=2)
    found = tf.function(lambda: strategy.run(lambda: run(loss, variables)), autograph=False)()
    for one, other in zip(found, expected, strict=True):
        for replica in strategy.experimental_local_results(one):
            np.testing.assert_allclose(replica, other, atol=1e-5)


def test_no_parts_are_none():
    with pytest.raises(ValueError, match="chunks=0: choose 1 or more"):
        make(MaskedLMHead, chunks=0)
