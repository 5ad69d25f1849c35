"""MaxSim and the loss on it equal those of sentence-transformers on the same vectors."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.layers.contrastive import ranking_loss
from kortf.layers.late_interaction import max_sim, mean_max_sim
from kortf.metrics.late_interaction import TokenVectors
from kortf.metrics.late_interaction import max_sim as max_sim_of_arrays

torch = pytest.importorskip("torch")
scoring = pytest.importorskip("sentence_transformers.multi_vector_encoder.scoring")
util = pytest.importorskip("sentence_transformers.util")
DRAW = np.random.default_rng(0)
ROWS, LONGEST, WIDTH, SCALE = 6, 9, 8, 20.0


def texts() -> np.ndarray:
    """Texts `[rows, longest, width]` of different lengths, zeros behind them."""
    found = DRAW.normal(size=(ROWS, LONGEST, WIDTH))
    found /= np.linalg.norm(found, axis=-1, keepdims=True)
    lengths = DRAW.integers(2, LONGEST + 1, ROWS)
    return np.where(np.arange(LONGEST)[:, None] < lengths[:, None, None], found, 0.0).astype("f4")


QUERIES, POSITIVES, NEGATIVES = texts(), texts(), texts()


def test_maxsim():
    ragged = [[torch.tensor(x[x.any(axis=-1)]) for x in side] for side in (QUERIES, POSITIVES)]
    expected = util.similarity.maxsim(*ragged).numpy()
    np.testing.assert_allclose(max_sim(QUERIES, POSITIVES), expected, atol=1e-5)
    arrays = (TokenVectors.of_padded(side) for side in (QUERIES, POSITIVES))
    np.testing.assert_allclose(max_sim_of_arrays(*arrays), expected, atol=1e-5)


def test_loss_and_gradients():
    """Multiple-negatives ranking by MeanMaxSim, with a hard negative for each query."""
    theirs = [torch.tensor(side, requires_grad=True) for side in (QUERIES, POSITIVES, NEGATIVES)]
    masks = [torch.tensor(side.any(axis=-1)) for side in (QUERIES, POSITIVES, NEGATIVES)]
    scores = scoring.mean_colbert_scores(
        theirs[0],
        torch.stack(theirs[1:], dim=1),
        queries_mask=masks[0],
        documents_mask=torch.stack(masks[1:], dim=1),
    )
    positives = torch.arange(ROWS) * 2
    expected = torch.nn.functional.cross_entropy(scores * SCALE, positives)
    expected.backward()

    ours = [tf.constant(side) for side in (QUERIES, POSITIVES, NEGATIVES)]
    with tf.GradientTape() as tape:
        tape.watch(ours)
        pool = tf.concat(ours[1:], axis=0)
        loss = tf.reduce_mean(ranking_loss(SCALE * mean_max_sim(ours[0], pool)))
    assert float(loss) == pytest.approx(float(expected), abs=1e-5)
    for found, other, mask in zip(tape.gradient(loss, ours), theirs, masks, strict=True):
        real = mask.numpy()
        np.testing.assert_allclose(found.numpy()[real], other.grad.numpy()[real], atol=1e-5)
