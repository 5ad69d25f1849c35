"""A fine-tuned model as a function of strings."""

from collections.abc import Callable

import tensorflow as tf

from kortf import tasks
from kortf.export.served import Served
from kortf.pretrained.directory.inference import Finetuned, load_finetuned
from kortf.text.tokenizer.rows import Rows, padded, take
from kortf.text.tokenizer.tokenizer import load_tokenizer

# Rows that are computed together: what bounds the memory, and what is padded to one length.
ROWS_AT_ONCE = 16


def load(directory: str) -> Served:
    """The function of a fine-tuned model directory.

    It takes one string tensor for each of the task's `text_fields` and returns what the task's
    `decode` does: for a classifier `label`, `score` and `probabilities`.

    Raises:
        InputError: the directory cannot be used.
    """
    model, tokenizer = load_finetuned(directory, tasks.build), load_tokenizer(directory)
    task, pad_id = model.task, tokenizer.vocabulary.pad_id

    def serve(*texts):
        rows = task.encode(tokenizer, texts, model.max_length)
        decisions = _decide(model, rows, pad_id)
        return task.decode(task.collect(decisions, rows, texts))

    description = {"kind": task.kind, "task": task.name, "max_length": model.max_length}
    classes = list(getattr(task, "classes", ()))
    if classes:
        description["classes"] = classes
    return Served(serve, task.text_fields, tokenizer, description)


def _decide(model: Finetuned, rows: Rows, pad_id: int) -> dict[str, tf.Tensor]:
    """What the rows say, some rows at a time."""

    @tf.function(autograph=False)  # so that the graph holds it once
    def run(features):
        scores = model.task.predict(model.encoder(model.task.encoder_features(features)), features)
        return model.task.decide(scores, features)

    count = tf.shape(rows.owners)[0]
    if model.task.several_rows:  # windows: what is decided has a place for each token of a row
        features = padded(rows, pad_id)
        return _in_parts(lambda part: run({k: v[part] for k, v in features.items()}), count)
    # Rows of like length together: a long one makes few others as long.
    order = tf.argsort(rows.token_ids.row_lengths(), stable=True)
    found = _in_parts(lambda part: run(padded(take(rows, order[part]), pad_id)), count)
    back = tf.math.invert_permutation(order)
    return {name: tf.gather(values, back) for name, values in found.items()}


def _in_parts(run: Callable, count: tf.Tensor) -> dict[str, tf.Tensor]:
    """What a function of a slice makes of all `count` rows."""

    def more(begin, found):
        new = run(slice(begin, begin + ROWS_AT_ONCE))
        found = {name: tf.concat([found[name], new[name]], axis=0) for name in found}
        return begin + ROWS_AT_ONCE, found

    first = run(slice(0, ROWS_AT_ONCE))
    shapes = {name: tf.TensorShape([None, *value.shape[1:]]) for name, value in first.items()}
    _, found = tf.while_loop(
        lambda begin, _: begin < count, more, (tf.constant(ROWS_AT_ONCE), first),
        shape_invariants=(tf.TensorShape([]), shapes),
    )  # fmt: skip
    return found
