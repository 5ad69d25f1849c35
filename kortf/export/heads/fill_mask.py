"""Serve a masked language model: strings with gaps in, candidates for the gaps out."""

import tensorflow as tf

from kortf.export.encoders.encoding import encoder_function, id_sizes
from kortf.export.heads.embedding import embedding_function
from kortf.export.options import EMBEDDING, TOKENS, ExportOptions
from kortf.export.served import Served
from kortf.pretrained.directory.inference import load_masked_lm
from kortf.text.tokenizer.decoding import spellings
from kortf.text.tokenizer.rows.rows import padded, rows_of_segments
from kortf.text.tokenizer.tokenizer import load_tokenizer


def load(directory: str, options: ExportOptions) -> Served:
    """Load a model directory with a vocabulary head as a function of strings.

    It takes `text` and returns `tokens` `[batch, gaps, top_k]`, the most probable pieces for each
    mask token in it, and their `scores`. Rows with fewer gaps are padded with "" and 0. The
    function of ids returns `top_ids` and `top_scores` `[batch, seq, top_k]`.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    encoder, head = load_masked_lm(directory)
    tokenizer = load_tokenizer(directory)
    vocabulary = tokenizer.vocabulary
    mask = vocabulary.pieces[vocabulary.mask_id]
    pieces = tf.constant(spellings(vocabulary))
    # The model may have more vectors than there are pieces.
    top, number = min(options.top_k, vocabulary.size), vocabulary.size
    max_length = options.length(encoder.settings["max_length"])
    encode = encoder_function(encoder, options, tokenizer)

    def candidates(vectors):
        return tf.math.top_k(tf.nn.softmax(head(vectors))[:, :number], top)

    def serve(text):
        ids = with_masks(tokenizer, text, mask, vocabulary.mask_id)
        batch = padded(rows_of_segments([ids], max_length, vocabulary), vocabulary.pad_id)
        gaps = tf.where(batch["token_ids"] == vocabulary.mask_id)  # (gaps of all rows, 2)
        best, index = candidates(tf.gather_nd(encode(batch)["sequence"], gaps))

        def by_row(values):
            nrows = tf.shape(text, tf.int64)[0]
            return tf.RaggedTensor.from_value_rowids(values, gaps[:, 0], nrows).to_tensor()

        return {"tokens": by_row(tf.gather(pieces, index)), "scores": by_row(best)}

    def tokens(features):
        sequence = encode(features)["sequence"]  # (batch, seq, dim)
        best, index = candidates(tf.reshape(sequence, [-1, sequence.shape[-1]]))
        shape = tf.concat([tf.shape(features["token_ids"]), [top]], axis=0)
        return {"top_ids": tf.reshape(index, shape), "top_scores": tf.reshape(best, shape)}

    description = {"kind": "fill_mask", "mask": mask, "max_length": max_length, "top_k": top}
    description |= id_sizes(encoder)
    embedding = embedding_function(directory, encode, tokenizer, max_length)
    return Served(
        serve,
        ("text",),
        tokenizer,
        description,
        tokens if TOKENS in options.signatures else None,
        embedding if EMBEDDING in options.signatures else None,
    )


def with_masks(tokenizer, text: tf.Tensor, mask: str, mask_id: int) -> tf.RaggedTensor:
    """Return ids of strings that may contain the mask token.

    Example: with [MASK] = 4
        >>> with_masks(tokenizer, ["나는 [MASK] 간다"], "[MASK]", 4)
        [[5, 6, 4, 7]]

    Args:
        tokenizer: A `kortf.text.tokenizer.tokenizer.Tokenizer`.
        text: tf.string `[batch]`.
        mask: Spelling of the mask token.
        mask_id: Its id.

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
