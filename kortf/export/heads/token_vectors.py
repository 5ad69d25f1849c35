"""Serve late interaction: strings in, one vector for each token out."""

import numpy as np
import tensorflow as tf

from kortf.export.encoders.encoding import encoder_function, id_sizes, windows
from kortf.export.heads.embedding import apply_dense, dense_width, lower_casing, text_length
from kortf.export.options import EMBEDDING, TOKENS, ExportOptions
from kortf.export.served import Served
from kortf.pretrained.directory.directory import from_pretrained
from kortf.pretrained.sentence_transformers.multi_vector import MAX_SIM, read_token_settings
from kortf.text.tokenizer.rows.rows import rows_of_segments
from kortf.text.tokenizer.tokenizer import load_tokenizer

KIND = "token_vectors"


def load(directory: str, options: ExportOptions) -> Served:
    """Load a directory of late interaction as a function of strings.

    It takes `text` and returns `token_vectors` `[batch, tokens, width]`, of length 1 and zeros
    behind the last one, and `lengths` `[batch]`, the number of each text.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    encoder, tokenizer = from_pretrained(directory), load_tokenizer(directory)
    settings = read_token_settings(directory)
    if settings.do_lower_case:
        tokenizer = lower_casing(tokenizer, directory)
    width = dense_width(directory, settings.dense, encoder.hidden_dim)
    encode, vocabulary = encoder_function(encoder, options, tokenizer), tokenizer.vocabulary
    max_length = text_length(settings, encoder, tokenizer, options)
    counts = np.ones(vocabulary.size, bool)
    counts[[i for i, piece in enumerate(vocabulary.pieces) if piece in settings.skipped]] = False

    def run(features):
        """Return vectors `[batch, seq, width]`, and which of them count `[batch, seq]`."""
        sequence = tf.cast(encode(features)["sequence"], tf.float32)  # [batch, seq, dim]
        vectors = tf.reshape(sequence, [-1, sequence.shape[-1]])  # [batch * seq, dim]
        for layer in settings.dense:
            vectors = apply_dense(layer, vectors)
        vectors = tf.math.l2_normalize(vectors, axis=-1, epsilon=1e-24)
        shape = tf.concat([tf.shape(sequence)[:2], [width]], axis=0)
        ids = tf.clip_by_value(features["token_ids"], 0, vocabulary.size - 1)
        counted = tf.cast(features["padding_mask"], tf.bool) & tf.gather(tf.constant(counts), ids)
        return {"vectors": tf.reshape(vectors, shape), "counted": counted}

    def tokens(features):
        return _without_gaps(**run(features))

    def embed(text):
        rows = rows_of_segments([tokenizer.tokenize(text)], max_length, vocabulary)
        return _without_gaps(**windows(run, rows, vocabulary.pad_id))

    description = {"kind": KIND, "max_length": max_length, "width": width}
    description |= id_sizes(encoder) | {"similarity": MAX_SIM}
    return Served(
        embed,
        ("text",),
        tokenizer,
        description,
        tokens if TOKENS in options.signatures else None,
        embed if EMBEDDING in options.signatures else None,
    )


def _without_gaps(vectors: tf.Tensor, counted: tf.Tensor) -> dict[str, tf.Tensor]:
    """Move the vectors that count to the front of each text."""
    rows = tf.ragged.boolean_mask(vectors, counted)
    found = rows.to_tensor(shape=[None, None, vectors.shape[-1]])
    return {"token_vectors": found, "lengths": tf.cast(rows.row_lengths(), tf.int32)}
