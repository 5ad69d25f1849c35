"""Losses of sentence vectors equal sentence-transformers' on the same vectors."""

import numpy as np
import pytest

from kortf.layers.contrastive import cosent_loss, cosine, in_batch_loss, nested_loss

torch = pytest.importorskip("torch")
losses = pytest.importorskip("sentence_transformers.losses")

DRAW = np.random.default_rng(0)
ANCHORS, POSITIVES, NEGATIVES = DRAW.normal(size=(3, 16, 8)).astype(np.float32)
SCORES = DRAW.integers(0, 6, 16).astype(np.float32)


def theirs(loss, *vectors, labels=None):
    labels = None if labels is None else torch.tensor(labels)
    return float(loss.compute_loss_from_embeddings([torch.tensor(v) for v in vectors], labels))


def test_multiple_negatives_ranking():
    loss = losses.MultipleNegativesRankingLoss(None, scale=20.0)
    ours = np.mean(in_batch_loss(ANCHORS, [POSITIVES, NEGATIVES], 20.0))
    assert ours == pytest.approx(theirs(loss, ANCHORS, POSITIVES, NEGATIVES), abs=1e-5)


def test_cosent():
    loss = losses.CoSENTLoss(None, scale=20.0)
    ours = float(cosent_loss(cosine(ANCHORS, POSITIVES), SCORES, 20.0))
    assert ours == pytest.approx(theirs(loss, ANCHORS, POSITIVES, labels=SCORES), abs=1e-5)


def test_nested_dimensions():
    loss = losses.MultipleNegativesRankingLoss(None, scale=20.0)
    ours = nested_loss(lambda a, p: in_batch_loss(a, [p], 20.0), [ANCHORS, POSITIVES], [8, 4, 2])
    expected = sum(theirs(loss, ANCHORS[:, :n], POSITIVES[:, :n]) for n in (8, 4, 2))
    assert np.mean(ours) == pytest.approx(expected, abs=1e-4)
