"""Serve a causal model: strings in, continuations out."""

import tensorflow as tf

from kortf.export.heads import causal
from kortf.export.options import ExportOptions
from kortf.export.served import Served
from kortf.models.generation import Sampling, generate
from kortf.text.tokenizer.decoding import TOO_MUCH, joinable


def load(directory: str, options: ExportOptions) -> Served:
    """Load a causal model directory as a function of strings.

    It takes `text` and returns `continuation` (greedy decoding), `tokens`, the number of new
    tokens, and `finished`, whether the model ended the text itself. At most half of the positions
    of the model are new tokens. Only the end of a text is read that leaves too little room.

    Args:
        directory: Model directory.
        options: `max_length` and `max_tokens` are read.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    options.check_computation("a causal model")
    model = causal.load(directory)
    vocabulary, max_length = model.tokenizer.vocabulary, options.length(model.max_length)
    barred, texts = tf.constant(model.barred), tf.constant(joinable(vocabulary))
    written = min(options.max_tokens, max_length // 2)
    room = max_length - written

    def serve(text):
        ids = model.prompt_ids(text)
        ids = tf.concat([ids[:, :1], ids[:, 1:][:, -(room - 1) :]], axis=1)
        rows = generate(
            model.encoder, model.head, ids, written, max_length, model.end_id,
            vocabulary.pad_id, barred, Sampling(temperature=0),
        )  # fmt: skip
        lengths = tf.cast(ids.row_lengths(), tf.int32)
        places = lengths[:, None] + tf.range(written)[None]  # (batch, written)
        new = tf.gather(rows, tf.minimum(places, max_length - 1), batch_dims=1)
        ends = tf.cast(tf.equal(new, model.end_id), tf.int32)
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
        # Drop a character whose last bytes were not generated.
        return tf.strings.unicode_transcode(whole, "UTF-8", "UTF-8", errors="ignore")

    description = {"kind": "continuation", "max_length": max_length, "max_tokens": written}
    return Served(serve, ("text",), model.tokenizer, description)
