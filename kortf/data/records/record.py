"""One record, which becomes a `tf.train.Example`."""

from typing import NamedTuple

import numpy as np


class Record(NamedTuple):
    """The features of `kortf.data.features.RECORD`.

    Args:
        token_ids: Clean ids with [CLS] and [SEP], int `[tokens]`.
        lengths: Tokens of each packed example; or of each segment of a pair, `[CLS] A [SEP]` and
            `B [SEP]`; or of the whole pair, where the vocabulary's layout has one segment.
        pair_label: 0 or 1; None without pairing.
    """

    token_ids: np.ndarray
    lengths: list[int]
    pair_label: int | None = None
