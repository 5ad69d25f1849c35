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

    def serialize(self) -> bytes:
        """Return the bytes of the `tf.train.Example`."""
        from tensorflow.core.example.example_pb2 import Example  # here: plans are made without it

        example = Example()
        feature = example.features.feature
        feature["token_ids"].int64_list.value.extend(self.token_ids.tolist())
        feature["lengths"].int64_list.value.extend(self.lengths)
        if self.pair_label is not None:
            feature["pair_label"].int64_list.value.append(self.pair_label)
        # Maps have no order, and equal records must be equal bytes.
        return example.SerializeToString(deterministic=True)
