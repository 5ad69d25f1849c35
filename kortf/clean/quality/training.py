"""Train a quality model on documents that stay and documents that go."""

import os
from typing import Any

import numpy as np

from kortf import files
from kortf.clean.quality.model import BUCKETS, QualityModel, buckets
from kortf.errors import InputError

MODEL_FILE = "quality.npz"
REPORT_FILE = "quality.json"
_HELD_OUT = 10  # one document in ten
_EPOCHS, _BATCH, _RATE = 20, 32, 2.0
_LEAST = 20


def train_quality(good: list[str], bad: list[str], seed: int) -> tuple[QualityModel, dict]:
    """Train by logistic regression (AdaGrad) and score the held-out documents.

    Both classes have the same weight, whatever their sizes.

    Args:
        good: Documents that a cleaning keeps.
        bad: Documents that it drops.
        seed: Seed of the order and of the held-out split.

    Returns:
        The model, and a report: numbers of documents, and precision and recall of dropping the bad
        held-out documents at a threshold of 0.5.

    Raises:
        InputError: A class has fewer than 20 documents.
    """
    for name, documents in (("--input", good), ("--train_quality", bad)):
        if len(documents) < _LEAST:
            problem = f"holds {len(documents)} documents"
            raise InputError(name, problem, f"give at least {_LEAST}")
    random = np.random.default_rng(seed)
    labels = np.array([1.0] * len(good) + [0.0] * len(bad))
    features = [buckets(document) for document in (*good, *bad)]
    held = np.zeros(len(labels), bool)
    for label in (0.0, 1.0):
        places = random.permutation(np.flatnonzero(labels == label))
        held[places[: max(1, len(places) // _HELD_OUT)]] = True
    model = _fit(features, labels, np.flatnonzero(~held), random)
    scores = model.score([(*good, *bad)[place] for place in np.flatnonzero(held)])
    return model, _measure(scores < 0.5, labels[held] == 0) | {
        "good": len(good),
        "bad": len(bad),
        "held_out": int(held.sum()),
    }


def _fit(
    features: list[np.ndarray], labels: np.ndarray, places: np.ndarray, random: np.random.Generator
) -> QualityModel:
    weights, squares = np.zeros(BUCKETS), np.full(BUCKETS, 1e-8)
    bias = 0.0
    share = labels[places].mean()
    balance = np.where(labels == 1, 0.5 / share, 0.5 / (1 - share))
    for _ in range(_EPOCHS):
        order = random.permutation(places)
        for start in range(0, len(order), _BATCH):
            batch = order[start : start + _BATCH]
            lengths = np.array([len(features[place]) for place in batch])
            flat = np.concatenate([features[place] for place in batch])
            ends = np.cumsum(lengths) - lengths
            sums = np.add.reduceat(weights[flat], ends) / lengths + bias  # [batch]
            error = (1 / (1 + np.exp(-np.clip(sums, -50, 50))) - labels[batch]) * balance[batch]
            error /= len(batch)
            gradient = np.bincount(flat, np.repeat(error / lengths, lengths), BUCKETS)
            squares += gradient**2
            weights -= _RATE * gradient / np.sqrt(squares)
            bias -= 0.1 * error.sum()
    return QualityModel(weights.astype(np.float32), bias)


def _measure(dropped: np.ndarray, bad: np.ndarray) -> dict[str, Any]:
    both = int((dropped & bad).sum())
    return {
        "precision": both / int(dropped.sum()) if dropped.any() else 0.0,
        "recall": both / int(bad.sum()),
    }


def write_model(directory: str, model: QualityModel, report: dict[str, Any]) -> None:
    """Write `quality.npz` and `quality.json` to a directory."""
    model.save(os.path.join(directory, MODEL_FILE))
    files.write_json(os.path.join(directory, REPORT_FILE), report)
