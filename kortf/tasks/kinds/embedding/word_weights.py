"""Weights of tokens in the mean of a text."""

from collections.abc import Iterable

import numpy as np

from kortf.text.tokenizer.tokenizer import Tokenizer

_ROWS = 4096


def word_weights(tokenizer: Tokenizer, texts: Iterable[str], smoothing: float) -> np.ndarray:
    """Return the weight of each piece by smooth inverse frequency (Arora et al. 2017).

    It is `smoothing / (smoothing + share)`, where the share is of all tokens of the texts: 1 for a
    piece that they do not have, and 0 for the special tokens around a text and the padding.

    Args:
        tokenizer: Tokenizer of the model.
        texts: Texts whose tokens are counted.
        smoothing: Share of a piece that has half the weight, such as 1e-3.

    Returns:
        float32 `[pieces]`.
    """
    vocabulary, texts = tokenizer.vocabulary, list(texts)
    counts = np.zeros(vocabulary.size, np.int64)
    for begin in range(0, len(texts), _ROWS):
        ids = tokenizer.tokenize(texts[begin : begin + _ROWS]).flat_values.numpy()
        counts += np.bincount(ids, minlength=vocabulary.size)
    weights = smoothing / (smoothing + counts / max(counts.sum(), 1))
    weights[[vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id]] = 0.0
    return weights.astype(np.float32)
