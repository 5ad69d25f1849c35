"""Serve a fine-tuned model: strings, or ids, in, the answers of its task out."""

import functools

import numpy as np
import tensorflow as tf

from kortf import tasks
from kortf.export.encoders.encoding import (
    Compute,
    encoder_function,
    id_sizes,
    one_row_each,
    windows,
)
from kortf.export.heads.embedding import embedding_function
from kortf.export.options import EMBEDDING, SERVING, TOKENS, ExportOptions
from kortf.export.served import Served
from kortf.pretrained.directory.inference import load_finetuned
from kortf.tasks.kinds.text_task import TextTask
from kortf.tasks.task import Task
from kortf.text.tokenizer.lines.line_rows import LineRows
from kortf.text.tokenizer.lines.line_tokenizer import line_tokenizer
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary

_KINDS = ("classifier", "multi_label", "regression", "token_classifier", "question_answering")


def load(directory: str, options: ExportOptions) -> Served:
    """Load a fine-tuned model directory as a function of strings.

    It takes one string tensor for each of the task's `text_fields` and returns what the task's
    `decode` does: of a classifier `label`, `score` and `probabilities`.

    Raises:
        InputError: The directory or an option cannot be used.
    """
    model = load_finetuned(directory, tasks.build, pair=options.pair)
    tokenizer, task = load_tokenizer(directory), model.task
    pad_id = tokenizer.vocabulary.pad_id
    direct = options.engine == "openvino" and answers_rows(task)
    head = functools.partial(_answers, task) if direct else None
    encode = encoder_function(model.encoder, options, tokenizer, head)
    max_length = options.length(model.max_length)

    def score(features):
        return {"scores": task.predict(encode(task.encoder_features(features)), features)}

    def decide(found, features):
        return task.decide(found["scores"], features)

    def both(features):
        return decide(score(features), features)

    def serve(*texts):
        rows = task.encode(tokenizer, texts, max_length)
        if task.kind == "token_classifier":  # a field has one loop over time for all windows
            decisions = windows(score, rows, pad_id, decide)
        else:
            decisions = (windows if task.several_rows else one_row_each)(both, rows, pad_id)
        return task.decode(task.collect(decisions, rows, texts))

    description = {"kind": task.kind, "task": task.name, "max_length": max_length}
    description |= id_sizes(model.encoder)
    classes = list(getattr(task, "classes", ()))
    if classes:
        description["classes"] = classes
    fields = getattr(task, "source_fields", ())
    if fields and tuple(fields) != tuple(task.text_fields):
        description["fields"] = list(fields)
    tokens = tokens_function(task, encode, tokenizer.vocabulary)
    embedding = embedding_function(directory, encode, tokenizer, max_length)
    served = Served(
        serve,
        task.text_fields,
        tokenizer,
        description,
        tokens if TOKENS in options.signatures else None,
        embedding if EMBEDDING in options.signatures else None,
    )
    if direct:
        served.direct[SERVING] = _direct(task, encode, tokenizer.vocabulary, max_length)
    return served


def answers_rows(task: Task) -> bool:
    """Return whether an answer of a task is that of one row of its texts, without any other."""
    inherited = {"encode": TextTask, "encoder_features": Task, "decide": Task, "collect": Task}
    inherited |= {"decode": Task}
    return all(getattr(type(task), n) is getattr(owner, n) for n, owner in inherited.items())


def _direct(task, encode, vocabulary: Vocabulary, max_length: int):
    from kortf.export.encoders.direct import DirectFunction

    rows = LineRows(line_tokenizer(vocabulary), vocabulary, max_length, task.truncation)
    return DirectFunction(encode, rows, vocabulary.pad_id, task.answer_names)


def _answers(task: Task, outputs: dict, features: dict) -> dict[str, tf.Tensor]:
    return task.numeric_answers(task.decide(task.predict(outputs, features), features))


def tokens_function(task, encode: Compute, vocabulary: Vocabulary) -> Compute | None:
    """Return the function of ids of a task with its head built; None for other kinds of task.

    It has no op of tensorflow-text.

    Its answers, by the kind of the task:

    - `classifier`, `multi_label`: `probabilities` `[batch, classes]` and `label_id`;
    - `regression`: `score` `[batch]`;
    - `token_classifier`: `probabilities` `[batch, seq, tags]` and `tag_ids`, the best sequence;
    - `question_answering`: `start_scores` and `end_scores` `[batch, seq]`, log-probabilities, and
      `trim_start` and `trim_end`, characters of the token outside of the answer.

    Args:
        task: A `kortf.tasks.task.Task`.
        encode: The encoder.
        vocabulary: Vocabulary of the ids.
    """
    if task.kind not in _KINDS:
        return None
    special = np.zeros(vocabulary.size, bool)
    special[[vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id]] = True

    def is_text(features):
        ids = tf.clip_by_value(features["token_ids"], 0, vocabulary.size - 1)
        real = tf.cast(features["padding_mask"], tf.bool)
        return real & ~tf.gather(tf.constant(special), ids)

    def classes(features):
        scores = task.predict(encode(features), features)
        found = task.decode({"scores": scores})
        best = tf.argmax(scores, axis=-1, output_type=tf.int32)
        return {"probabilities": found["probabilities"], "label_id": best}

    def number(features):
        return {"score": task.predict(encode(features), features)}

    def tags(features):
        scores = task.predict(encode(features), features)
        tagged = is_text(features)
        if task.head.crf is None:
            probabilities = tf.nn.softmax(scores)
            best = tf.argmax(scores, axis=-1, output_type=tf.int32)
        else:
            best, probabilities = task.head.crf.decode(scores, tagged)
        return {"probabilities": probabilities, "tag_ids": best}

    lengths = _piece_lengths(vocabulary) if task.kind == "question_answering" else None

    def spans(features):
        context = is_text(features) & tf.equal(features["segment_ids"], 1)
        ids = tf.clip_by_value(features["token_ids"], 0, vocabulary.size - 1)
        length = tf.gather(tf.constant(lengths), ids)
        more = {"context": context, "starts": tf.zeros_like(length), "ends": length}
        scores = task.predict(encode(features), features | more)
        first, last, before, behind = task.head.split(scores)
        barred = tf.constant(-1e4)
        found = {
            "start_scores": tf.where(context, first + tf.reduce_max(before, axis=2), barred),
            "end_scores": tf.where(context, last + tf.reduce_max(behind, axis=2), barred),
        }
        if task.head.max_trim:
            found["trim_start"] = tf.argmax(before, axis=2, output_type=tf.int32)
            found["trim_end"] = tf.argmax(behind, axis=2, output_type=tf.int32)
        return found

    return {
        "regression": number,
        "token_classifier": tags,
        "question_answering": spans,
    }.get(task.kind, classes)


def _piece_lengths(vocabulary: Vocabulary) -> np.ndarray:
    """Characters of each piece; int32 `[pieces]`. An unknown piece may be a word of any length."""
    pieces = [piece.removeprefix("##").removeprefix("▁") for piece in vocabulary.pieces]
    lengths = np.array([max(1, len(piece)) for piece in pieces], np.int32)
    lengths[vocabulary.unk_id] = 1 << 10
    return lengths
