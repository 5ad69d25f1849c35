"""Small exported models for the tests of the server."""

import socket

import numpy as np
import tensorflow as tf


def write_saved_model(directory, answer: str = "1", fails_on: str = "") -> None:
    """Write a SavedModel that needs no weights: lengths of strings, and a constant label.

    Args:
        directory: Where to.
        answer: The label.
        fails_on: A text on which the model fails; "" for none.
    """

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")])
    def serve(text):
        if fails_on:
            bad = tf.reduce_any(tf.equal(text, fails_on))
            with tf.control_dependencies([tf.debugging.Assert(~bad, ["no such text"])]):
                text = tf.identity(text)
        lengths = tf.strings.length(text, "UTF8_CHAR")
        return {
            "label": tf.fill(tf.shape(text), tf.constant(answer)),
            "score": tf.cast(lengths, tf.float32),
            "text_bytes": text,
        }

    names = ("token_ids", "segment_ids", "padding_mask")
    specs = [tf.TensorSpec([None, None], tf.int32, name) for name in names]

    @tf.function(input_signature=specs)
    def tokens(token_ids, segment_ids, padding_mask):
        return {"sum": tf.reduce_sum(token_ids * padding_mask + segment_ids, axis=1)}

    module = tf.Module()
    module.serve, module.tokens = serve, tokens
    tf.saved_model.save(module, str(directory), {"serving_default": serve, "tokens": tokens})


def texts(*values: str) -> dict[str, np.ndarray]:
    """Input `text` of a request."""
    return {"text": np.array([value.encode() for value in values], object)}


def free_port() -> int:
    """Return a port of this machine that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
