"""Features of rows with one text or more, and the numbers of texts."""

from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError

MOST_TEXTS = 1 << 24  # different texts whose numbers float32 holds exactly


def texts_in(features: dict) -> int:
    """Return the number of texts of each row of a batch."""
    return max(1, sum(name.startswith("ids_") for name in features))


def encoder_features(features: dict) -> dict[str, tf.Tensor]:
    """Return what the encoder reads, a text a row, text by text of each row of the batch."""
    if texts_in(features) == 1:
        return {name: features[name] for name in ("token_ids", "segment_ids", "padding_mask")}
    ids = together("ids", features)
    mask = tf.cast(together("mask", features), tf.bool)
    return {"token_ids": ids, "segment_ids": tf.zeros_like(ids), "padding_mask": mask}


def together(name: str, features: dict) -> tf.Tensor:
    """Return a feature of all texts, text by text of each row: `[batch * texts, seq]`."""
    parts = [features[f"{name}_{i}"] for i in range(texts_in(features))]
    return tf.reshape(  # [batch, texts, seq] -> [batch * texts, seq]
        tf.stack(parts, axis=1), [-1, tf.shape(parts[0])[1]]
    )


def by_row(vectors: tf.Tensor, texts: int) -> tf.Tensor:
    """Return what the head makes of texts, `[rows * texts, …]`, as `[rows, texts, …]`."""
    shape = tf.concat([[-1, texts], tf.shape(vectors)[1:]], axis=0)
    return tf.ensure_shape(tf.reshape(vectors, shape), [None, texts, *vectors.shape[1:]])


def text_numbers(examples: Sequence[dict], fields: Sequence[str]) -> np.ndarray:
    """Return a number for each text, float32 `[rows, texts]`; equal texts have one number.

    Raises:
        InputError: There are more texts than float32 can number.
    """
    number: dict[str, int] = {}
    numbers = [[number.setdefault(row[f], len(number)) for f in fields] for row in examples]
    if len(number) > MOST_TEXTS:
        problem = f"{len(number):,} different texts where at most {MOST_TEXTS:,} are possible"
        raise InputError("config.task.train_file", problem, "name a part of it: FILE[:N]")
    return np.array(numbers, np.float32)
