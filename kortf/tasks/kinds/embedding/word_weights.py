"""Weights of tokens in the mean of a text."""

from collections.abc import Iterable

import numpy as np

from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary

_ROWS = 4096


def token_shares(tokenizer: Tokenizer, texts: Iterable[str]) -> np.ndarray:
    """Return the share of each piece in the tokens of texts, float64 `[pieces]`."""
    texts = list(texts)
    counts = np.zeros(tokenizer.vocabulary.size, np.int64)
    for begin in range(0, len(texts), _ROWS):
        ids = tokenizer.tokenize(texts[begin : begin + _ROWS]).flat_values.numpy()
        counts += np.bincount(ids, minlength=len(counts))
    return counts / max(counts.sum(), 1)


def word_weights(shares: np.ndarray, smoothing: float, vocabulary: Vocabulary) -> np.ndarray:
    """Return the weight of each piece by smooth inverse frequency (Arora et al. 2017).

    It is `smoothing / (smoothing + share)`: 1 for a piece that the texts do not have, and 0 for the
    special tokens around a text and the padding.

    Args:
        shares: Share of each piece, `[pieces]`.
        smoothing: Share of a piece that has half the weight, such as 1e-3.
        vocabulary: Vocabulary of the pieces.

    Returns:
        float32 `[pieces]`.
    """
    weights = smoothing / (smoothing + shares)
    weights[[vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id]] = 0.0
    return weights.astype(np.float32)
