"""Tokenised documents side by side in flat arrays."""

from typing import NamedTuple

import numpy as np


class TokenBlock(NamedTuple):
    """Documents of sentences of tokens, without special tokens.

    Args:
        ids: int32 [tokens], of all documents one after the other.
        sentence_splits: int64 [sentences + 1], where in `ids` each sentence begins and the last
            one ends.
        document_splits: int64 [documents + 1], where in the sentences each document begins.

    Example: two documents, of two sentences and of one:

        ids = [11, 12, 13, 14, 15], sentence_splits = [0, 2, 3, 5], document_splits = [0, 2, 3]
    """

    ids: np.ndarray
    sentence_splits: np.ndarray
    document_splits: np.ndarray
