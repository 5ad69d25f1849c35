"""Span boundary objective: equal to its slow twin, blind to what lies inside the span."""

import types

import numpy as np
import pytest
import tensorflow as tf

from kortf import models, objectives
from kortf.layers.embeddings import pack_positions
from tests.harness.objectives.draws import row_seeds
from tests.reference import span_boundary as slow

VOCABULARY = types.SimpleNamespace(
    size=60,
    mask_id=4,
    unk_id=1,
    special_ids=[0, 1, 2, 3, 4],
    starts_word=np.array([True] * 40 + [False] * 20),
)


def features(rows=6, length=40) -> dict:
    """Rows of two packs and some padding, with hidden spans."""
    ids = np.random.default_rng(0).integers(5, 60, (rows, length)).astype(np.int32)
    packs = np.repeat([1, 2, 0], [15, 20, 5])[None].repeat(rows, axis=0).astype(np.int32)
    ids[:, [0, 15]], ids[:, [14, 34]], ids[:, 35:] = 2, 3, 0
    clean = {
        "token_ids": tf.constant(ids),
        "padding_mask": tf.constant(ids != 0),
        "pack_ids": tf.constant(packs),
        "draw_seed": row_seeds(rows),
    }
    masked_lm = objectives.build("masked_lm", unit="span", rate=0.3)
    return masked_lm.corrupt(clean, VOCABULARY)


def make(style: str, embedding_dim=None):
    """An objective with weights that are large enough to tell places apart."""
    encoder = models.build(
        "bert", vocabulary_size=60, num_layers=1, num_heads=2, hidden_dim=8, max_length=40,
        embedding_dim=embedding_dim, init_scale=0.5, dropout=0.0,
    )  # fmt: skip
    objective = objectives.build("span_boundary", style=style, weight=2.0)
    objective.build(encoder)
    return encoder, objective


@pytest.mark.parametrize("style", ["faithful", "compatible"])
@pytest.mark.parametrize("embedding_dim", [None, 6])
def test_score_is_that_of_the_slow_twin(style, embedding_dim):
    encoder, objective = make(style, embedding_dim)
    batch = features()
    sequence = np.random.default_rng(1).normal(size=(6, 40, 8)).astype(np.float32)
    scores = objective.score({"sequence": tf.constant(sequence)}, batch, None)
    table = encoder.token_embedding.embeddings.numpy()
    batch = {name: value.numpy() for name, value in batch.items()}
    in_pack = pack_positions(batch["pack_ids"]).numpy()
    total = right = 0.0
    for row, slot in np.argwhere(batch["mask_weights"] > 0):
        start, end = batch["span_starts"][row, slot], batch["span_ends"][row, slot]
        place, label = batch["mask_positions"][row, slot], batch["mask_ids"][row, slot]
        position = place - start if style == "faithful" else in_pack[row, place]
        logits = slow.scores(objective.heads[0], table, sequence[row], start, end, position)
        total += np.log(np.exp(logits).sum()) - logits[label]
        right += logits.argmax() == label
    count = batch["mask_weights"].sum()
    assert float(scores.losses["span_boundary"]) == pytest.approx(2.0 * total, rel=1e-4)
    assert float(scores.metrics["sbo_loss"][0]) == pytest.approx(total, rel=1e-4)
    assert [float(value) for value in scores.metrics["sbo_accuracy"]] == [right, count]
    assert float(objective.weights(batch)["span_boundary"]) == count


@pytest.mark.parametrize("style", ["faithful", "compatible"])
def test_what_lies_inside_a_span_is_never_seen(style):
    _, objective = make(style)
    batch = features()
    rng = np.random.default_rng(1)
    sequence = rng.normal(size=(6, 40, 8)).astype(np.float32)
    inside = np.zeros((6, 40), bool)
    used = batch["mask_weights"].numpy() > 0
    rows = np.broadcast_to(np.arange(6)[:, None], used.shape)
    inside[rows[used], batch["mask_positions"].numpy()[used]] = True
    other = np.where(inside[..., None], rng.normal(size=sequence.shape), sequence)

    def loss(x):
        outputs = {"sequence": tf.constant(x, tf.float32)}
        return float(objective.score(outputs, batch, None).losses["span_boundary"])

    assert loss(other) == loss(sequence)
    assert loss(sequence + 1) != loss(sequence)


def test_a_span_at_the_edge_of_the_row_takes_the_edge():
    _, objective = make("faithful")
    head = objective.heads[0]
    sequence = np.random.default_rng(1).normal(size=(1, 3, 8)).astype(np.float32)
    batch = {
        "mask_positions": tf.constant([[0, 2]]),
        "mask_ids": tf.constant([[7, 8]]),
        "mask_weights": tf.constant([[1.0, 1.0]]),
        "span_starts": tf.constant([[0, 2]]),
        "span_ends": tf.constant([[0, 2]]),
    }
    scores = objective.score({"sequence": tf.constant(sequence)}, batch, None)
    table = head.token_embedding.embeddings.numpy()
    total = 0.0
    for place, label in ((0, 7), (2, 8)):
        logits = slow.scores(head, table, sequence[0], place, place, 0)
        total += np.log(np.exp(logits).sum()) - logits[label]
    assert float(scores.metrics["sbo_loss"][0]) == pytest.approx(total, rel=1e-4)


def test_all_weights_of_the_head_learn():
    for style in ("faithful", "compatible"):
        encoder, objective = make(style)
        batch = features()
        variables = objective.heads[0].trainable_variables + [encoder.token_embedding.embeddings]
        with tf.GradientTape() as tape:
            sequence = tf.random.stateless_normal([6, 40, 8], [0, 1])
            loss = objective.score({"sequence": sequence}, batch, None).losses["span_boundary"]
        gradients = tape.gradient(loss, [variable.value for variable in variables])
        assert all(float(tf.reduce_max(tf.abs(gradient))) > 0 for gradient in gradients)
        assert (
            len(objective.heads[0].trainable_variables) == {"faithful": 11, "compatible": 3}[style]
        )


def test_sizes_of_the_positions():
    assert make("faithful")[1].heads[0].positions.shape == (64, 200)
    assert make("compatible")[1].heads[0].positions.shape == (40, 8)  # max_length, hidden_dim


def test_causal_encoder_is_refused():
    with pytest.raises(ValueError, match="causal_lm"):
        objectives.build("span_boundary").build(types.SimpleNamespace(visibilities=("causal",)))


def test_unknown_style_is_refused():
    with pytest.raises(ValueError, match="choose one of faithful, compatible"):
        objectives.build("span_boundary", style="loose")
