"""The CRF equals going through all tag sequences, whatever is masked."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers import kernels as kernels
from kortf.layers.heads.crf import ConditionalRandomField, legal_transitions, path_score
from tests.reference import crf as slow

BATCH, LENGTH, TAGS = 6, 5, 3
RNG = np.random.default_rng(0)
EMISSIONS = RNG.normal(size=(BATCH, LENGTH, TAGS)).astype(np.float32) * 2
# Full, short, with gaps, beginning late, one place, none.
MASK = np.array(
    [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [1, 0, 1, 0, 1], [0, 0, 1, 1, 0], [0, 1, 0, 0, 0], [0] * 5],
    dtype=bool,
)
SCORES = [RNG.normal(size=shape).astype(np.float32) for shape in ((TAGS, TAGS), (TAGS,), (TAGS,))]


def rows():
    return [(EMISSIONS[i], MASK[i], *SCORES) for i in range(BATCH)]


@pytest.mark.parametrize("compiled", [True, False])
def test_log_normalizer(compiled):
    run = (
        tf.function(kernels.crf_log_normalizer, autograph=False)
        if compiled
        else kernels.crf_log_normalizer
    )
    expected = [slow.log_normalizer(*row) for row in rows()]
    np.testing.assert_allclose(run(EMISSIONS, MASK, *SCORES), expected, atol=1e-5)


def test_path_score():
    tags = RNG.integers(0, TAGS, (BATCH, LENGTH)).astype(np.int32)
    expected = []
    for i, row in enumerate(rows()):
        own = tuple(tags[i][MASK[i]])
        expected.append(next(score for path, score in slow.all_paths(*row) if path == own))
    found = path_score(EMISSIONS, tags, MASK, *(tf.constant(s) for s in SCORES))
    np.testing.assert_allclose(found, expected, atol=1e-5)


@pytest.mark.parametrize("compiled", [True, False])
def test_decode(compiled):
    run = tf.function(kernels.crf_decode, autograph=False) if compiled else kernels.crf_decode
    tags, marginals = (x.numpy() for x in run(EMISSIONS, MASK, *map(tf.constant, SCORES)))
    for i, row in enumerate(rows()):
        path, _ = slow.best_path(*row)
        assert tuple(tags[i][MASK[i]]) == path
        expected = np.zeros((LENGTH, TAGS))
        for path, score in slow.all_paths(*row):
            share = np.exp(score - slow.log_normalizer(*row))
            expected[np.flatnonzero(MASK[i]), list(path)] += share
        np.testing.assert_allclose(marginals[i], expected, atol=1e-5)
    assert (tags[~MASK] == 0).all()


def test_decode_of_one_place():
    emissions, mask = EMISSIONS[:, :1], np.ones((BATCH, 1), bool)
    with kernels.uncompiled():  # of unknown shape, as served graphs are
        shapes = [(None, None, TAGS), (None, None), (TAGS, TAGS), (TAGS,), (TAGS,)]
        specs = [tf.TensorSpec(shape) for shape in shapes]
        specs[1] = tf.TensorSpec(shapes[1], tf.bool)
        run = tf.function(kernels.crf_decode, input_signature=specs, autograph=False)
        tags, marginals = run(emissions, mask, *map(tf.constant, SCORES))
        none = run(emissions[:0], mask[:0], *map(tf.constant, SCORES))
    alone = emissions + SCORES[1] + SCORES[2]
    np.testing.assert_array_equal(tags, alone.argmax(-1))
    np.testing.assert_allclose(marginals, tf.nn.softmax(alone), atol=1e-6)
    assert [x.shape for x in none] == [(0, 1), (0, 1, TAGS)]


def test_decode_far_beyond_the_range_of_exp():
    """The head would rather begin inside, by more than exp can say."""
    legal = legal_transitions(["O", "B-PS", "I-PS"])
    layer = ConditionalRandomField(TAGS, legal, init_scale=0.0)
    layer.build()
    emissions = np.tile(np.float32([-500.0, -1000.0, 0.0]), (1, 4, 1))
    tags, marginals = layer.decode(emissions, np.ones((1, 4), bool))
    np.testing.assert_array_equal(tags, [[1, 2, 2, 2]])
    np.testing.assert_allclose(marginals, tf.one_hot(tags, TAGS), atol=1e-6)


def test_the_gradient_is_that_of_the_plain_algorithm():
    upstream = tf.constant(RNG.normal(size=BATCH).astype(np.float32))
    inputs = [tf.constant(x) for x in (EMISSIONS, *SCORES)]

    def gradients():
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            total = kernels.crf_log_normalizer(inputs[0], tf.constant(MASK), *inputs[1:])
            total = tf.reduce_sum(total * upstream)
        return tape.gradient(total, inputs)

    ours = tf.function(gradients, autograph=False)()
    with kernels.uncompiled():
        plain = tf.function(gradients, autograph=False)()
    for one, other in zip(ours, plain, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)


@pytest.mark.exhaustive
def test_probabilities_of_all_sequences_sum_to_one():
    layer = ConditionalRandomField(TAGS, init_scale=1.0)
    layer.build()
    total = np.zeros(1)
    for tags, _ in slow.all_paths(EMISSIONS[0], MASK[0], *SCORES):
        total += np.exp(-layer.loss(EMISSIONS[:1], np.array([tags], np.int32), MASK[:1]))
    assert total[0] == pytest.approx(1.0, abs=1e-4)


def test_legal_transitions():
    follows, first = legal_transitions(["O", "B-PS", "I-PS"])
    assert follows.astype(int).tolist() == [[1, 1, 0], [1, 1, 1], [1, 1, 1]]
    assert first.astype(int).tolist() == [1, 1, 0]


def test_what_is_found_is_legal():
    labels = ["O", "B-PS", "I-PS", "B-LC", "I-LC"]
    layer = ConditionalRandomField(len(labels), legal_transitions(labels), init_scale=1.0)
    layer.build()
    emissions = RNG.normal(size=(50, 12, 5)).astype(np.float32) * 3
    emissions[:, :, [2, 4]] += 2  # the head would rather begin inside
    tags, marginals = layer.decode(emissions, np.ones((50, 12), bool))
    for row in tags.numpy():
        before = "O"
        for label in (labels[tag] for tag in row):
            assert not label.startswith("I-") or before[2:] == label[2:]
            before = label
    np.testing.assert_allclose(tf.reduce_sum(marginals, axis=2), np.ones((50, 12)), rtol=1e-5)
    assert (tf.gather(marginals, tags, batch_dims=2).numpy() > 0).all()


def test_a_gold_path_is_never_barred():
    """A batch with a row that breaks the scheme is scored over all paths."""
    labels = ["O", "B-PS", "I-PS"]
    layer = ConditionalRandomField(TAGS, legal_transitions(labels), init_scale=1.0)
    layer.build()
    free = ConditionalRandomField(TAGS, init_scale=1.0)
    free.build()
    free.set_weights(layer.get_weights())
    tags = np.zeros((BATCH, LENGTH), np.int32)
    tags[3, 0] = 2  # a place that is masked
    legal = layer.loss(EMISSIONS, tags, MASK).numpy()
    assert (legal < free.loss(EMISSIONS, tags, MASK).numpy() + 1e-5).all()
    assert (legal[:3] < free.loss(EMISSIONS, tags, MASK).numpy()[:3] - 1e-3).all()
    tags[0] = [0, 2, 2, 0, 0]  # I- after O
    tags[1, 0] = 2  # I- comes first
    mixed = tf.function(layer.loss, autograph=False)(EMISSIONS, tags, MASK).numpy()
    np.testing.assert_allclose(mixed, free.loss(EMISSIONS, tags, MASK), rtol=1e-5)
    assert mixed.max() < 100
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(layer.loss(EMISSIONS, tags, MASK))
    gradients = tape.gradient(loss, [v.value for v in layer.trainable_variables])
    assert all(np.isfinite(g).all() and np.abs(g).max() < 100 for g in gradients)


@pytest.mark.exhaustive
def test_it_learns_what_follows_what():
    """Emissions say nothing: only transitions can tell that 0, 1, 2 go round."""
    layer = ConditionalRandomField(3)
    layer.build()
    tags = np.tile([0, 1, 2], 4)[None].astype(np.int32)
    emissions, mask = np.zeros((1, 12, 3), np.float32), np.ones((1, 12), bool)
    before = float(layer.loss(emissions, tags, mask)[0])
    for _ in range(30):
        with tf.GradientTape() as tape:
            loss = layer.loss(emissions, tags, mask)
        variables = [v.value for v in layer.trainable_variables]
        for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(0.5 * gradient)
    assert float(layer.loss(emissions, tags, mask)[0]) < before / 10
    assert (layer.decode(emissions, mask)[0].numpy() == tags).all()
