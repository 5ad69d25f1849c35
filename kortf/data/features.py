"""Names, types and shapes of the features of records and batches.

`RECORD` is the schema of a record on disk, `BATCH` that of a batch. Objectives and tasks name the
batch features that they require and provide.
"""

from dataclasses import dataclass

CLEAN_RECORD = ("token_ids", "lengths")
PAIRINGS = ("none", "next_sentence", "sentence_order")


@dataclass(frozen=True)
class Feature:
    """One named array.

    Args:
        name: Key of the feature.
        dtype: NumPy type.
        shape: Names of the axes; `"batch"`, `"seq"`, `"max_masked"` are the sizes of a batch, and
            `"any"` differs from record to record.
        meaning: One line for readers and errors.
    """

    name: str
    dtype: str
    shape: tuple[str, ...]
    meaning: str


def _schema(*features: Feature) -> dict[str, Feature]:
    return {feature.name: feature for feature in features}


RECORD = _schema(
    Feature("token_ids", "int64", ("any",), "clean ids with [CLS] and [SEP], without padding"),
    Feature("lengths", "int64", ("any",), "tokens of each packed example, or of each segment"),
    Feature("pair_label", "int64", ("one",), "1: segment B is random, or the two are swapped"),
)
"""One `tf.train.Example` of a records file.

`lengths` sums to `len(token_ids)`. Without pairing it counts the tokens of each packed example, and
with pairing those of `[CLS] A [SEP]` and of `B [SEP]`; only then is there a `pair_label`. A pair in
RoBERTa's layout, `<s> A </s></s> B </s>`, is one segment: its only length is that of the record.

Example: with [CLS] = 2 and [SEP] = 3, two short documents packed into one record, and one pair:

    {"token_ids": [2, 11, 12, 3, 2, 13, 3], "lengths": [4, 3]}
    {"token_ids": [2, 11, 12, 3, 13, 3], "lengths": [4, 2], "pair_label": [0]}
"""

BATCH = _schema(
    Feature("token_ids", "int32", ("batch", "seq"), "ids that the encoder reads, corrupted or not"),
    Feature("segment_ids", "int32", ("batch", "seq"), "0 in the first segment, 1 in the second"),
    Feature("padding_mask", "bool", ("batch", "seq"), "true where there is a token"),
    Feature("pack_ids", "int32", ("batch", "seq"), "0 is padding, 1, 2, … the packed example"),
    Feature("mask_positions", "int32", ("batch", "max_masked"), "positions to predict"),
    Feature("mask_ids", "int32", ("batch", "max_masked"), "clean ids at those positions"),
    Feature("mask_weights", "float32", ("batch", "max_masked"), "1, or 0 for an unused slot"),
    Feature(
        "mask_candidates", "int32", ("batch",), "number of tokens of the row that may be predicted"
    ),
    Feature("span_starts", "int32", ("batch", "max_masked"), "first position of the hidden span"),
    Feature("span_ends", "int32", ("batch", "max_masked"), "last position of the hidden span"),
    Feature("pair_label", "int32", ("batch",), "1: segment B is random, or the two are swapped"),
    Feature("next_ids", "int32", ("batch", "seq"), "id that follows each position"),
    Feature("next_weights", "float32", ("batch", "seq"), "1, or 0 where nothing follows"),
    Feature("prefix_mask", "bool", ("batch", "seq"), "true for tokens that all others may see"),
    Feature("draw_seed", "int32", ("batch", "two"), "seed of the draws for a row in the graph"),
)
"""One batch. Attention never crosses a border of `pack_ids`, and positions restart after it.

Example: the first record above in a batch of one with seq = 8:

    {"token_ids": [[2, 11, 12, 3, 2, 13, 3, 0]], "segment_ids": [[0, 0, 0, 0, 0, 0, 0, 0]],
     "padding_mask": [[True, True, True, True, True, True, True, False]],
     "pack_ids": [[1, 1, 1, 1, 2, 2, 2, 0]]}
"""


def record_names(pairing: str) -> tuple[str, ...]:
    """Return the names of the features in a record of this pairing.

    Example:
        >>> record_names("none")
        ('token_ids', 'lengths')
        >>> record_names("next_sentence")
        ('token_ids', 'lengths', 'pair_label')
    """
    return CLEAN_RECORD if pairing == "none" else (*CLEAN_RECORD, "pair_label")
