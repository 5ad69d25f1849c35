"""MaxSim of one query and one document, by its definition."""

import numpy as np


def max_sim(query: np.ndarray, document: np.ndarray) -> float:
    """Return the MaxSim of two matrices `[tokens, width]`, whose rows of zeros are no tokens."""
    total = 0.0
    for token in query:
        if not token.any():
            continue
        total += max(float(np.dot(token, other)) for other in document if other.any())
    return total
