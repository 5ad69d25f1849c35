"""A pretrained causal model as a function that goes on with strings."""

import tensorflow as tf

from kortf.export.generator import barred
from kortf.export.served import Served
from kortf.models.generation import Sampling, generate
from kortf.pretrained.directory.inference import load_causal_lm
from kortf.text.tokenizer.decoding import TOO_MUCH, joinable
from kortf.text.tokenizer.tokenizer import load_tokenizer

TOKENS = 64  # most that are written


def load(directory: str) -> Served:
    """The function of a causal model directory.

    It takes `text` and returns what follows: `continuation`, the best token each time, `tokens`,
    how many those are, and `finished`, whether the model ended the text itself. Of a text that
    leaves no room for `TOKENS` tokens, or for half of the model's positions where those are fewer,
    only the end is read.

    Raises:
        InputError: the directory cannot be used.
    """
    encoder, head = load_causal_lm(directory)
    tokenizer = load_tokenizer(directory)
    vocabulary, max_length = tokenizer.vocabulary, encoder.settings["max_length"]
    never = tf.constant(barred(vocabulary, encoder.settings["vocabulary_size"]))
    texts = tf.constant(joinable(vocabulary))
    written = min(TOKENS, max_length // 2)

    def serve(text):
        ids = tokenizer.tokenize(text).with_row_splits_dtype(tf.int32)
        ids = ids[:, -(max_length - written - 1) :]
        start = tf.fill([ids.nrows(), 1], tf.constant(vocabulary.cls_id, ids.dtype))
        ids = tf.concat([start, ids], axis=1)
        rows = generate(
            encoder, head, ids, written, max_length, vocabulary.sep_id, vocabulary.pad_id, never,
            Sampling(temperature=0),
        )  # fmt: skip
        lengths = ids.row_lengths()
        places = lengths[:, None] + tf.range(written)[None]  # (batch, written)
        new = tf.gather(rows, tf.minimum(places, max_length - 1), batch_dims=1)
        ends = tf.cast(tf.equal(new, vocabulary.sep_id), tf.int32)
        counts = tf.reduce_sum(tf.cast(tf.equal(tf.cumsum(ends, axis=1), 0), tf.int32), axis=1)
        kept = tf.RaggedTensor.from_tensor(new, lengths=counts)
        return {
            "continuation": joined(tf.gather(texts, kept)),
            "tokens": counts,
            "finished": tf.reduce_any(ends > 0, axis=1),
        }

    def joined(pieces: tf.RaggedTensor) -> tf.Tensor:
        whole = tf.strings.reduce_join(pieces, axis=1)
        if vocabulary.kind == "wordpiece":
            whole = tf.strings.regex_replace(whole, TOO_MUCH, r"\1")
        # A character of which the last bytes were not written is none.
        return tf.strings.unicode_transcode(whole, "UTF-8", "UTF-8", errors="ignore")

    description = {"kind": "continuation", "max_length": max_length, "max_tokens": written}
    return Served(serve, ("text",), tokenizer, description)
