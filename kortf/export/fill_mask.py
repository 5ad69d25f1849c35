"""A pretrained model as a function that fills the gaps of strings."""

import tensorflow as tf

from kortf.export.served import Served
from kortf.pretrained.directory.inference import load_masked_lm
from kortf.text.tokenizer.decoding import spellings
from kortf.text.tokenizer.rows import padded, rows_of_segments
from kortf.text.tokenizer.tokenizer import load_tokenizer

TOP = 5  # pieces that are returned for a gap


def load(directory: str) -> Served:
    """The function of a model directory with a vocabulary head.

    It takes `text` and returns `tokens` `[batch, gaps, 5]`, the most probable pieces for each mask
    token written in it, and their `scores`; rows with fewer gaps are filled up with "" and 0.

    Raises:
        InputError: the directory cannot be used.
    """
    encoder, head = load_masked_lm(directory)
    tokenizer = load_tokenizer(directory)
    vocabulary = tokenizer.vocabulary
    mask = vocabulary.pieces[vocabulary.mask_id]
    pieces = tf.constant(spellings(vocabulary))
    # The model may have more vectors than there are pieces.
    top, number = min(TOP, vocabulary.size), vocabulary.size
    max_length = encoder.settings["max_length"]

    def serve(text):
        ids = with_masks(tokenizer, text, mask, vocabulary.mask_id)
        batch = padded(rows_of_segments([ids], max_length, vocabulary), vocabulary.pad_id)
        gaps = tf.where(batch["token_ids"] == vocabulary.mask_id)  # (gaps of all rows, 2)
        vectors = tf.gather_nd(encoder(batch)["sequence"], gaps)  # (gaps of all rows, dim)
        best, index = tf.math.top_k(tf.nn.softmax(head(vectors))[:, :number], top)

        def by_row(values):
            nrows = tf.shape(text, tf.int64)[0]
            return tf.RaggedTensor.from_value_rowids(values, gaps[:, 0], nrows).to_tensor()

        return {"tokens": by_row(tf.gather(pieces, index)), "scores": by_row(best)}

    description = {"kind": "fill_mask", "mask": mask, "max_length": max_length}
    return Served(serve, ("text",), tokenizer, description)


def with_masks(tokenizer, text: tf.Tensor, mask: str, mask_id: int) -> tf.RaggedTensor:
    """Ids of strings in which the mask token may stand.

    Example: with [MASK] = 4
        >>> with_masks(tokenizer, ["나는 [MASK] 간다"], "[MASK]", 4)
        [[5, 6, 4, 7]]

    Args:
        tokenizer: a `kortf.text.tokenizer.tokenizer.Tokenizer`.
        text: tf.string `[batch]`.
        mask: the mask token as it is written.
        mask_id: its id.

    Returns:
        Ragged int32 `[batch, None]`.
    """
    parts = tf.strings.split(text, mask)  # (batch, gaps + 1)
    parts = parts.with_row_splits_dtype(tf.int32)
    ids = tokenizer.tokenize(parts.flat_values)  # (parts of all rows, pieces)
    ids = ids.with_row_splits_dtype(tf.int32)
    ends = tf.fill([ids.nrows(), 1], tf.constant(mask_id, ids.dtype))
    ids = parts.with_flat_values(tf.concat([ids, ends], axis=1)).merge_dims(1, 2)
    return ids[:, :-1]  # no gap follows the last part
