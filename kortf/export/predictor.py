"""Answers for texts, from a model directory or a SavedModel alike."""

import os
from collections.abc import Sequence

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.errors import InputError
from kortf.export import saved_model
from kortf.pretrained.directory.config_file import CONFIG_FILE
from kortf.quiet import without_stderr

DIGITS = 6  # of a probability: what lies beyond differs from machine to machine


class Predictor:
    """Answers rows of texts.

    Args:
        directory: a model directory, or a SavedModel that `kortf export` wrote.
        batch_size: rows that are computed together.

    Attributes:
        inputs: what the texts of a row are called.

    Raises:
        InputError: the directory is neither, or cannot be used.
    """

    def __init__(self, directory: str, batch_size: int = 32):
        self.batch_size = batch_size
        if files.exists(os.path.join(directory, saved_model.FILE)):
            self._model, self._description = _load_saved(directory)
        elif files.exists(os.path.join(directory, CONFIG_FILE)) or not files.exists(directory):
            self._model = saved_model.load_model(directory)
            self._description = self._model.description
            self._description["inputs"] = [spec.name for spec in self._model.serve.input_signature]
        else:
            problem = (
                f"neither a model directory ({CONFIG_FILE}) nor a SavedModel ({saved_model.FILE})"
            )
            raise InputError(directory, problem, "name WORKDIR/model or what kortf export wrote")
        self.inputs = tuple(self._description["inputs"])

    def __call__(self, rows: Sequence[Sequence[str]]) -> list[dict]:
        """Answers rows.

        Args:
            rows: each with one string for each of `inputs`.

        Returns:
            A JSON object for each row, in their order: the texts, and for a classifier `label`,
            `score` and `probabilities`; for gaps `masks`, a list of `{"token", "score"}` for each;
            `entities` and `answers` as lists of objects with `start` and `end` in characters.
        """
        answers = [{} for _ in rows]
        # Rows of like length come together: little padding.
        order = sorted(range(len(rows)), key=lambda i: sum(map(len, rows[i])))
        for begin in range(0, len(order), self.batch_size):
            index = order[begin : begin + self.batch_size]
            texts = {
                name: tf.constant([rows[i][place] for i in index])
                for place, name in enumerate(self.inputs)
            }
            values = {name: value.numpy() for name, value in self._run(texts).items()}
            for place, i in enumerate(index):
                given = dict(zip(self.inputs, rows[i], strict=True))
                answers[i] = given | self._answer({k: v[place] for k, v in values.items()})
        return answers

    def _run(self, texts: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        if hasattr(self._model, "signatures"):
            return self._model.signatures[saved_model.SIGNATURE](**texts)
        return self._model.serve(*texts.values())

    def _answer(self, values: dict[str, np.ndarray]) -> dict:
        form = _FORMS.get(self._description.get("kind"))
        return form(values, self._description) if form else _plain(values)


def _classes(values: dict[str, np.ndarray], description: dict) -> dict:
    probabilities = zip(description["classes"], values["probabilities"], strict=True)
    return {
        "label": values["label"].decode(),
        "score": _round(values["score"]),
        "probabilities": {name: _round(value) for name, value in probabilities},
    }


def _labels(values: dict[str, np.ndarray], description: dict) -> dict:
    probabilities = zip(description["classes"], values["probabilities"], strict=True)
    return {
        "labels": [name.decode() for name in values["labels"] if name],
        "probabilities": {name: _round(value) for name, value in probabilities},
    }


def _masks(values: dict[str, np.ndarray], description: dict) -> dict:
    gaps = zip(values["tokens"], values["scores"], strict=True)
    return {"masks": [_gap(*gap) for gap in gaps if gap[0][0]]}


def _entities(values: dict[str, np.ndarray], description: dict) -> dict:
    return {"entities": _spans(values, ("text", "label", "start", "end", "score"), "label")}


def _answers(values: dict[str, np.ndarray], description: dict) -> dict:
    return {"answers": _spans(values, ("answer", "start", "end", "score"), "answer")}


def _spans(values: dict[str, np.ndarray], names: tuple[str, ...], filled: str) -> list[dict]:
    """An object for each span; where `filled` is empty there is none."""
    columns = {name: [_plain(value) for value in values[name]] for name in names}
    rows = (dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return [row for row in rows if row[filled]]


# What an answer looks like, by the kind of the model; else it is what the model returns.
_FORMS = {
    "classifier": _classes,
    "multiple_choice": _classes,
    "multi_label": _labels,
    "fill_mask": _masks,
    "token_classifier": _entities,
    "question_answering": _answers,
}


def _load_saved(directory: str):
    """A SavedModel and what stands beside it about it."""
    import tensorflow_text  # noqa: F401  its operations are in the graph

    path = os.path.join(directory, saved_model.DESCRIPTION_FILE)
    description = files.read_json(path) if files.exists(path) else {}
    try:
        with without_stderr():  # SentencePiece says that the model in it does not normalise
            model = tf.saved_model.load(directory)
        signature = model.signatures[saved_model.SIGNATURE]
    except KeyError as error:
        problem = f"has no signature {saved_model.SIGNATURE}"
        raise InputError(directory, problem, "name what kortf export wrote") from error
    except (OSError, ValueError, tf.errors.OpError) as error:
        problem = f"not a whole SavedModel ({str(error).splitlines()[0]})"
        raise InputError(directory, problem, "export it again: kortf export") from error
    specs = signature.structured_input_signature[1]
    if any(spec.dtype != tf.string or spec.shape.rank != 1 for spec in specs.values()):
        raise InputError(directory, "does not take strings [batch]", "name what kortf export wrote")
    description.setdefault("inputs", sorted(specs))
    return model, description


def _gap(tokens: np.ndarray, scores: np.ndarray) -> list[dict]:
    pairs = zip(tokens, scores, strict=True)
    return [{"token": token.decode(), "score": _round(score)} for token, score in pairs]


def _round(value: np.floating) -> float:
    return round(float(value), DIGITS)


def _plain(value):
    """Any answer as JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in sorted(value.items())}
    if isinstance(value, np.ndarray):
        return [_plain(each) for each in value]
    if isinstance(value, bytes):
        return value.decode()
    return _round(value) if isinstance(value, np.floating) else value.item()
