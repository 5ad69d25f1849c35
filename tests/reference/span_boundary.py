"""The span boundary head in NumPy, one place at a time (Joshi et al. 2019, section 3.2)."""

import math

import numpy as np


def gelu(x: np.ndarray) -> np.ndarray:
    """By the error function."""
    return x * 0.5 * (1 + np.vectorize(math.erf)(x / math.sqrt(2)))


def norm(x: np.ndarray, gamma: np.ndarray, beta: np.ndarray, epsilon: float) -> np.ndarray:
    """Layer normalisation of one vector."""
    return (x - x.mean()) / np.sqrt(x.var() + epsilon) * gamma + beta


def scores(head, table: np.ndarray, row: np.ndarray, start: int, end: int, position: int):
    """Logits of one place in the span `start`…`end` of a row `[seq, dim]`."""
    before, behind = row[max(start - 1, 0)], row[min(end + 1, len(row) - 1)]
    places = head.positions.numpy()
    x = np.concatenate([before, behind, places[min(position, len(places) - 1)]])
    kernel = np.concatenate(
        [head.boundary_dense.kernel.numpy(), head.position_dense.kernel.numpy()]
    )
    x = x @ kernel
    if head.style == "compatible":
        return table @ x
    norms = [[weight.numpy() for weight in (each.gamma, each.beta)] for each in head.norms]
    x = norm(gelu(x + head.boundary_dense.bias.numpy()), *norms[0], head.norm_epsilon)
    x = gelu(x @ head.dense.kernel.numpy() + head.dense.bias.numpy())
    return table @ norm(x, *norms[1], head.norm_epsilon) + head.bias.numpy()
