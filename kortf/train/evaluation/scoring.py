"""Score labelled examples with a fine-tuned model, after training and in `kortf evaluate`."""

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf import files, workdir
from kortf.tasks.task import Task
from kortf.train.examples import EncodedExamples, scoring_plan


class Scorer:
    """Run an encoder and a task's head over examples.

    Args:
        encoder: A `kortf.models.Encoder`.
        task: Task with its head built.
        tokenizer: A `kortf.text.tokenizer.tokenizer.Tokenizer`.
        max_length: Length of the longest row in tokens.
        batch_size: Rows a batch.
    """

    def __init__(self, encoder, task: Task, tokenizer, max_length: int, batch_size: int = 64):
        self.encoder = encoder
        self.task = task
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.batch_size = batch_size
        self._forwards: dict[tuple, tf.types.experimental.ConcreteFunction] = {}

    def encode(self, examples: Sequence[dict]) -> EncodedExamples:
        """Tokenize examples."""
        return EncodedExamples(self.task, self.tokenizer, examples, self.max_length)

    def find(self, encoded: EncodedExamples) -> dict[str, np.ndarray]:
        """Return the result of the task's `collect` for all examples, in their order."""
        decisions: dict[str, np.ndarray] = {}
        plan = list(scoring_plan(encoded.lengths, self.batch_size))
        for index, features in zip(
            plan, encoded.dataset(lambda: iter(plan), self.batch_size), strict=True
        ):
            forward = self._forward(features)
            real = index >= 0
            for name, values in forward(features).items():
                values = values.numpy()[real]
                if name not in decisions:
                    static = forward.structured_outputs[name].shape[1:]
                    decisions[name] = self._empty(static, len(encoded), values)
                place = (index[real], *(slice(size) for size in values.shape[1:]))
                decisions[name][place] = values
        tensors = {name: tf.constant(values) for name, values in decisions.items()}
        found = self.task.collect(tensors, encoded.rows, encoded.texts)
        return {name: values.numpy() for name, values in found.items()}

    def _decide(self, features):
        outputs = self.encoder(self.task.encoder_features(features))
        scores = self.task.predict(outputs, features)
        return self.task.decide(scores, features)

    def _forward(self, features: dict):
        """Return one graph for all lengths: the score of a row does not depend on earlier ones."""
        form = tuple((name, value.shape.rank) for name, value in sorted(features.items()))
        if form not in self._forwards:
            specs = {name: _any_length(value) for name, value in features.items()}
            forward = tf.function(self._decide, input_signature=[specs], autograph=False)
            self._forwards[form] = forward.get_concrete_function()
        return self._forwards[form]

    def _empty(self, static: tf.TensorShape, rows: int, values: np.ndarray) -> np.ndarray:
        """Make an array for the decisions on all rows; those on tokens have the full length."""
        shape = [self.max_length if size is None else size for size in static]
        return np.zeros((rows, *shape), values.dtype)


def _any_length(value: tf.Tensor) -> tf.TensorSpec:
    shape = [value.shape[0], *[None] * (value.shape.rank - 1)]
    return tf.TensorSpec(shape, value.dtype)


def write_evaluation(
    directory: str,
    task: Task,
    found: dict[str, np.ndarray],
    examples: Sequence[dict],
    report: dict,
) -> dict:
    """Write `eval.json`, `examples.jsonl` and the predictions of a scored file.

    Args and result as for `score_answers`.
    """
    result = score_answers(directory, task, found, examples, report)
    files.write_json(os.path.join(directory, workdir.EVALUATION_FILE), result)
    return result


def score_answers(
    directory: str,
    task: Task,
    found: dict[str, np.ndarray],
    examples: Sequence[dict],
    report: dict,
) -> dict:
    """Write `examples.jsonl` and the predictions of a scored file, and score them.

    Args:
        directory: Directory for the files.
        task: Task that scores.
        found: Result of `Scorer.find`.
        examples: Examples in the same order.
        report: Further content of `eval.json`, such as split, protocol and counts.

    Returns:
        Content of `eval.json`.
    """
    task.write_predictions(os.path.join(directory, workdir.PREDICTIONS), found, examples)
    workdir.write_examples(directory, task.rows_of_answers(found, examples))
    scores = task.score(found, examples)
    columns = [name for name in task.metrics if name in scores]  # first in the report's table
    scores = {name: scores[name] for name in [*columns, *(n for n in scores if n not in columns)]}
    scores = {"scores": scores, "main_metric": task.metric_of(examples)}
    details = task.details(found, examples)
    return {"task": task.name, **scores, **report, **details, **task.notes()}


def unscored(task: Task, report: dict) -> dict:
    """Return the content of `eval.json` of a run without a part that can be scored."""
    return {"task": task.name, "scores": {}, "split": "none", **report, **task.notes()}
