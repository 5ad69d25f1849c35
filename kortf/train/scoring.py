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
        tokenizer: a `kortf.text.tokenizer.Tokenizer`.
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
        texts = [[example[field] for example in examples] for field in self.task.text_fields]
        return EncodedExamples(self.tokenizer, texts, self.max_length, self.task.labels(examples))

    def scores(self, encoded: EncodedExamples) -> np.ndarray:
        """Raw scores of all examples in their order, `[examples, …]`."""
        result = None
        plan = list(scoring_plan(encoded.lengths, self.batch_size))
        for index, features in zip(
            plan, encoded.dataset(lambda: iter(plan), self.batch_size), strict=True
        ):
            if self._forward is None:
                # One graph for all lengths: a row gets the same score whatever came before it.
                specs = {name: _any_length(value) for name, value in features.items()}
                self._forward = tf.function(self._raw_scores, input_signature=[specs])
            scores = self._forward(features).numpy()
            if result is None:
                result = np.zeros((len(encoded), *scores.shape[1:]), scores.dtype)
            real = index >= 0
            result[index[real]] = scores[real]
        return result

    def _raw_scores(self, features):
        return self.task.predict(self.encoder(features), features)


def _any_length(value: tf.Tensor) -> tf.TensorSpec:
    shape = [value.shape[0], *[None] * (value.shape.rank - 1)]
    return tf.TensorSpec(shape, value.dtype)


def write_evaluation(
    directory: str, task: Task, scores: np.ndarray, examples: Sequence[dict], report: dict
) -> dict:
    """Writes `eval.json` and the predictions of a scored file.

    Args:
        directory: takes both.
        task: that scores.
        scores: raw scores `[examples, …]`.
        examples: in the same order.
        report: what else belongs into `eval.json`, such as split, protocol, counts.

    Returns:
        What was written to `eval.json`.
    """
    task.write_predictions(os.path.join(directory, "predictions"), scores, examples)
    result = {"task": task.name, "scores": task.score(scores, examples), **report, **task.notes()}
    files.write_json(os.path.join(directory, "eval.json"), result)
    return result


def file_hash(path: str) -> str:
    """SHA-256 of a file, hex."""
    digest = hashlib.sha256()
    with files.open_file(path) as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
