"""Tokenized documents in flat arrays."""

from typing import NamedTuple

import numpy as np


class TokenBlock(NamedTuple):
    """Documents of sentences of tokens, without special tokens.

    Args:
        ids: Ids of all documents in order, int32 `[tokens]`.
        sentence_splits: Begin of each sentence in `ids`, and end of the last one, int64
            `[sentences + 1]`.
        document_splits: Begin of each document among the sentences, int64 `[documents + 1]`.

    Example: two documents, of two sentences and of one:

        ids = [11, 12, 13, 14, 15], sentence_splits = [0, 2, 3, 5], document_splits = [0, 2, 3]
    """

    ids: np.ndarray
    sentence_splits: np.ndarray
    document_splits: np.ndarray
