"""Distillation losses against torch's, on the same tensors, with their gradients."""

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch.nn import functional

from kortf.layers import distillation, kernels

pytestmark = pytest.mark.usefixtures("quick_graphs")

TEMPERATURE = 3.0


def tensors(*shape, seed=0, number=2):
    rng = np.random.default_rng(seed)
    return [rng.normal(0, 2, shape).astype(np.float32) for _ in range(number)]


def compare(ours, theirs, student: np.ndarray):
    """Compare the sum of a loss and its gradient with respect to the student."""
    x, y = tf.constant(student), torch.tensor(student, requires_grad=True)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(ours(x))
    expected = theirs(y).sum()
    expected.backward()
    assert float(loss) == pytest.approx(float(expected), rel=1e-5)
    np.testing.assert_allclose(tape.gradient(loss, x), y.grad.numpy(), rtol=1e-4, atol=1e-5)


def test_soft_labels():
    student, teacher = tensors(5, 7)

    def theirs(logits):
        log_p = functional.log_softmax(logits / TEMPERATURE, dim=-1)
        labels = functional.softmax(torch.tensor(teacher) / TEMPERATURE, dim=-1)
        return TEMPERATURE**2 * functional.kl_div(log_p, labels, reduction="sum")

    labels = distillation.soft_labels(teacher, TEMPERATURE)
    compare(lambda x: distillation.soft_label_loss(x, labels, TEMPERATURE), theirs, student)


def test_hidden_states_and_cosines():
    student, teacher = tensors(2, 3, 8)
    target = torch.tensor(teacher)
    compare(
        lambda x: distillation.hidden_distance(x, teacher),
        lambda x: functional.mse_loss(x, target, reduction="none").mean(-1),
        student,
    )
    ones = torch.ones(6)
    compare(
        lambda x: distillation.cosine_distance(x, teacher),
        lambda x: functional.cosine_embedding_loss(
            x.reshape(6, 8), target.reshape(6, 8), ones, reduction="none"
        ),
        student,
    )


def test_attention_scores_of_the_keys_that_are_seen():
    student, teacher = tensors(2, 4, 3, 3)
    seen = np.array([[1, 1, 0], [1, 1, 1]], bool)[:, None, None]

    def theirs(scores):
        parts = [
            functional.mse_loss(s[:, :, :n], t[:, :, :n], reduction="none").mean((0, 2))
            for s, t, n in zip(scores, torch.tensor(teacher), (2, 3), strict=True)
        ]
        return torch.stack(parts)

    compare(lambda x: distillation.attention_distance(x, teacher, seen), theirs, student)


def test_relations_between_models_of_other_sizes():
    student, teacher = tensors(2, 4, 5, 3, number=1)[0], tensors(2, 2, 5, 10, number=1)[0]
    heads, bias = 2, np.where(np.arange(5) < [[5], [3]], 0.0, -1e9).astype(np.float32)

    def relations(vectors):
        size = vectors.shape[1] * vectors.shape[3] // heads
        joined = vectors.transpose(1, 2).reshape(2, 5, heads, size).transpose(1, 2)
        return joined @ joined.transpose(2, 3) / size**0.5 + torch.tensor(bias)[:, None, None]

    def theirs(vectors):
        log_p = functional.log_softmax(relations(vectors), dim=-1)
        target = functional.softmax(relations(torch.tensor(teacher)), dim=-1)
        return functional.kl_div(log_p, target, reduction="none").sum(-1).mean(1)

    masks = tf.constant(bias)[:, None, None]
    compare(lambda x: distillation.relation_divergence(x, teacher, masks, heads), theirs, student)


def test_soft_labels_of_a_random_field_are_those_of_its_marginals():
    """Torch differentiates the log-marginals that enumerate all sequences."""
    rng = np.random.default_rng(1)
    emissions = rng.normal(0, 1, (1, 4, 3)).astype(np.float32)
    scores = [rng.normal(0, 1, shape).astype(np.float32) for shape in ((3, 3), (3,), (3,))]
    mask = np.array([[True, False, True, True]])
    labels = rng.dirichlet(np.ones(3), (1, 4)).astype(np.float32)

    def theirs(x):
        transitions, start, end = (torch.tensor(score) for score in scores)
        places = [0, 2, 3]
        paths = torch.cartesian_prod(*[torch.arange(3)] * 3)
        total = start[paths[:, 0]] + end[paths[:, 2]]
        total = total + sum(x[0, place][paths[:, i]] for i, place in enumerate(places))
        total = total + sum(transitions[paths[:, i], paths[:, i + 1]] for i in (0, 1))
        log_z, found = torch.logsumexp(total, 0), []
        for i, place in enumerate(places):
            each = [torch.logsumexp(total[paths[:, i] == tag], 0) - log_z for tag in range(3)]
            target = torch.tensor(labels[0, place])
            found.append(functional.kl_div(torch.stack(each), target, reduction="sum"))
        return torch.stack(found)

    compare(lambda x: kernels.crf_soft_loss(x, labels, mask, *scores), theirs, emissions)
