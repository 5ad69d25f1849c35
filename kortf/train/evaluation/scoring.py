"""Scores labelled examples with a fine-tuned model, the same way after training and later."""

import hashlib
import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.tasks.task import Task
from kortf.train.examples import EncodedExamples, scoring_plan


class Scorer:
    """Runs an encoder and a task's head over examples.

    Args:
        encoder: a `kortf.models.Encoder`.
        task: with its head built.
        tokenizer: a `kortf.text.tokenizer.tokenizer.Tokenizer`.
        max_length: longest row in tokens.
        batch_size: rows a batch.
    """

    def __init__(self, encoder, task: Task, tokenizer, max_length: int, batch_size: int = 64):
        self.encoder = encoder
        self.task = task
        self.tokenizer = tokenizer
        self.max_length = max_length
        self.batch_size = batch_size
        self._forward = None

    def encode(self, examples: Sequence[dict]) -> EncodedExamples:
        """Tokenises examples."""
        return EncodedExamples(self.task, self.tokenizer, examples, self.max_length)

    def find(self, encoded: EncodedExamples) -> dict[str, np.ndarray]:
        """What the task's `collect` says of all examples, in their order."""
        decisions: dict[str, np.ndarray] = {}
        plan = list(scoring_plan(encoded.lengths, self.batch_size))
        for index, features in zip(
            plan, encoded.dataset(lambda: iter(plan), self.batch_size), strict=True
        ):
            if self._forward is None:
                # One graph for all lengths: a row gets the same score whatever came before it.
                specs = {name: _any_length(value) for name, value in features.items()}
                forward = tf.function(self._decide, input_signature=[specs], autograph=False)
                self._forward = forward.get_concrete_function()
            real = index >= 0
            for name, values in self._forward(features).items():
                values = values.numpy()[real]
                if name not in decisions:
                    decisions[name] = self._empty(name, len(encoded), values)
                place = (index[real], *(slice(size) for size in values.shape[1:]))
                decisions[name][place] = values
        tensors = {name: tf.constant(values) for name, values in decisions.items()}
        found = self.task.collect(tensors, encoded.rows, encoded.texts)
        return {name: values.numpy() for name, values in found.items()}

    def _decide(self, features):
        scores = self.task.predict(self.encoder(features), features)
        return self.task.decide(scores, features)

    def _empty(self, name: str, rows: int, values: np.ndarray) -> np.ndarray:
        """Takes the decisions on all rows; what has a place for each token is as long as it can."""
        static = self._forward.structured_outputs[name].shape[1:]
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
    """Writes `eval.json` and the predictions of a scored file.

    Args:
        directory: takes both.
        task: that scores.
        found: by `Scorer.find`.
        examples: in the same order.
        report: what else belongs into `eval.json`, such as split, protocol, counts.

    Returns:
        What was written to `eval.json`.
    """
    task.write_predictions(os.path.join(directory, "predictions"), found, examples)
    scores = {"scores": task.score(found, examples), "main_metric": task.main_metric}
    result = {"task": task.name, **scores, **report, **task.notes()}
    files.write_json(os.path.join(directory, "eval.json"), result)
    return result


def file_hash(path: str) -> str:
    """SHA-256 of a file, hex."""
    digest = hashlib.sha256()
    with files.open_file(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
