"""A fine-tuned model as a function of strings."""

import tensorflow as tf

from kortf import tasks
from kortf.export.served import Served
from kortf.pretrained.inference import Finetuned, load_finetuned
from kortf.text.rows import padded
from kortf.text.tokenizer import load_tokenizer

# Rows of long texts that are computed together: what bounds the memory.
ROWS_AT_ONCE = 32


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
        decisions = _decide(model, padded(rows, pad_id))
        return task.decode(task.collect(decisions, rows, texts))

    description = {"kind": task.kind, "task": task.name, "max_length": model.max_length}
    classes = list(getattr(task, "classes", ()))
    if classes:
        description["classes"] = classes
    return Served(serve, task.text_fields, tokenizer, description)


def _decide(model: Finetuned, features: dict) -> dict[str, tf.Tensor]:
    """What the rows say; where a text may take any number of them, some rows at a time."""

    @tf.function(autograph=False)  # so that the graph holds it once
    def run(features):
        scores = model.task.predict(model.encoder(features), features)
        return model.task.decide(scores, features)

    if not model.task.several_rows:
        return run(features)
    rows = tf.shape(features["token_ids"])[0]

    def part(begin):
        return {name: value[begin : begin + ROWS_AT_ONCE] for name, value in features.items()}

    first = run(part(0))

    def more(begin, found):
        new = run(part(begin))
        found = {name: tf.concat([found[name], new[name]], axis=0) for name in found}
        return begin + ROWS_AT_ONCE, found

    shapes = {name: tf.TensorShape([None, *value.shape[1:]]) for name, value in first.items()}
    _, found = tf.while_loop(
        lambda begin, _: begin < rows, more, (tf.constant(ROWS_AT_ONCE), first),
        shape_invariants=(tf.TensorShape([]), shapes),
    )  # fmt: skip
    return found
