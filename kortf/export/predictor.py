"""Answer texts with a model directory or a SavedModel; `kortf.load`."""

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow as tf

from kortf import files
from kortf.cores import cores
from kortf.errors import InputError
from kortf.export import saved_model
from kortf.export.encoders.encoding import ROWS_AT_ONCE
from kortf.export.heads.answers import answer
from kortf.export.heads.token_vectors import KIND as TOKEN_VECTORS
from kortf.export.loading import load_model
from kortf.export.options import EMBEDDING, SERVING, ExportOptions
from kortf.export.texts import check_text
from kortf.pretrained.directory.config_file import CONFIG_FILE
from kortf.quiet import without_stderr
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.tokenizer.unknown import UnknownCounter

_BATCHES = 16  # of `batch_size` rows, whose texts a core sorts by length


def load(directory: str, batch_size: int = 32, options: ExportOptions | None = None) -> "Predictor":
    """Load a model directory or a SavedModel.

    Example:
        >>> model = kortf.load("runs/nsmc/model")
        >>> model.predict(["배우들의 연기가 훌륭하다"])
        [{'text': '배우들의 연기가 훌륭하다', 'label': 'positive', 'score': 0.98, …}]

    Args:
        directory: Model directory, of kortf or transformers, or a SavedModel of `kortf export`.
        batch_size: Number of rows that are computed together.
        options: How to serve a model directory.

    Raises:
        InputError: The directory cannot be used.
    """
    return Predictor(directory, batch_size, options)


class Predictor:
    """A loaded model that answers rows of texts.

    Args:
        directory: Model directory, or a SavedModel of `kortf export`.
        batch_size: Number of rows that are computed together.
        options: How to serve a model directory; a SavedModel has been exported with its own.

    Attributes:
        inputs: Names of the texts of a row.
        description: Facts about the model, such as its `kind` and `classes`.
        window: Number of texts that `embed` sorts and computes at a time: 16 batches a core.

    Raises:
        InputError: The directory is neither, or cannot be used.
    """

    def __init__(self, directory: str, batch_size: int = 32, options: ExportOptions | None = None):
        directory = os.fspath(directory)
        self.directory, self.batch_size = directory, batch_size
        self._direct = {}
        self._streams = cores()
        self.window = _BATCHES * batch_size * self._streams
        if files.exists(os.path.join(directory, saved_model.FILE)):
            saved_model.check_no_options(directory, options)
            model, self.description = _load_saved(directory)
            self._signatures = model.signatures
            self._model = model  # it owns what the signatures use
        elif files.exists(os.path.join(directory, CONFIG_FILE)) or not files.exists(directory):
            self._model = load_model(directory, options)
            self.description = self._model.description
            self.description["inputs"] = [spec.name for spec in self._model.serve.input_signature]
            functions = {SERVING: self._model.serve, EMBEDDING: self._model.embedding}
            self._signatures = {name: _by_name(f) for name, f in functions.items() if f is not None}
            self._direct = self._model.direct
        else:
            problem = (
                f"neither a model directory ({CONFIG_FILE}) nor a SavedModel ({saved_model.FILE})"
            )
            raise InputError(directory, problem, "name WORKDIR/model or what kortf export wrote")
        self.inputs = tuple(self.description["inputs"])

    def predict(self, rows: Sequence[str | Sequence[str] | Mapping[str, str]]) -> list[dict]:
        """Answer rows of texts.

        Args:
            rows: A string each or, for a model with several inputs, a sequence or a dict of them.

        Returns:
            A JSON object for each row, in their order: its texts, and the answer. A classifier
            gives `label`, `score` and `probabilities`, a masked LM `masks`, with a list of
            `{"token", "score"}` for each gap, a tagger `entities` and question answering
            `answers`, with `start` and `end` in characters.

        Raises:
            InputError: A row has other texts than `inputs`, or a text is not valid Unicode.
        """
        if isinstance(rows, str):
            raise InputError("rows", "a string", "give a list of texts")
        return self([self._texts(row, number) for number, row in enumerate(rows, start=1)])

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Return one vector for each text: float32 `[texts, dim]`.

        Raises:
            InputError: The SavedModel has no signature `embedding`, or the model has a vector for
                each token.
        """
        if self.is_late:
            problem = "has a vector for each token, not one for each text"
            cure = "use embed_tokens in Python, or kortf evaluate --retrieval=DIR"
            raise InputError(self.directory, problem, cure)
        found, order = self._embedded(texts)
        return np.concatenate([answers["embedding"] for answers in found])[np.argsort(order)]

    def embed_tokens(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Return the vectors of the tokens of each text, for late interaction.

        Returns:
            float32 `[tokens, width]` for each text, each vector of length 1.

        Raises:
            InputError: The SavedModel has no signature `embedding`, or the model has one vector for
                each text.
        """
        if not self.is_late:
            problem = "has no vectors of tokens"
            cure = "use embed, or a model that was trained with config.task.interaction=late"
            raise InputError(self.directory, problem, cure)
        found, order = self._embedded(texts)
        rows = [
            vectors[:length]
            for answers in found
            for vectors, length in zip(answers["token_vectors"], answers["lengths"], strict=True)
        ]
        return [rows[i] for i in np.argsort(order)]

    @property
    def is_late(self) -> bool:
        """Return whether the model has a vector for each token of a text."""
        return self.description.get("kind") == TOKEN_VECTORS

    def _embedded(self, texts: Sequence[str]) -> tuple[list[dict[str, np.ndarray]], np.ndarray]:
        """Return the answers of the signature `embedding`, and the texts that they are of."""
        if EMBEDDING not in self._signatures:
            cure = f"export it with --signatures={SERVING},{EMBEDDING}"
            raise InputError(self.directory, f"has no signature {EMBEDDING}", cure)
        texts = [check_text(text, f"text {i}") for i, text in enumerate(texts, start=1)]
        shares = list(self._shares([len(text) for text in texts]))
        batches = [{"text": [texts[i] for i in index]} for index in shares] or [{"text": []}]
        found = list(self._run_all(EMBEDDING, batches))
        return found, np.array([i for index in shares for i in index], int)

    def __call__(self, rows: Sequence[Sequence[str]]) -> list[dict]:
        """Answer rows, each a sequence with one string for each of `inputs`, as `predict` does."""
        answers = [{} for _ in rows]
        # The longest first: the last ones then end at about the same time.
        batches = list(self._batches([sum(map(len, row)) for row in rows]))[::-1]
        texts = [
            {name: [rows[i][place] for i in index] for place, name in enumerate(self.inputs)}
            for index in batches
        ]
        for index, values in zip(batches, self._run_all(SERVING, texts), strict=True):
            for place, i in enumerate(index):
                row = {name: value[place] for name, value in values.items()}
                given = dict(zip(self.inputs, rows[i], strict=True))
                answers[i] = given | answer(row, self.description)
        return answers

    def count_unknown(self, rows: Sequence[Sequence[str]]) -> UnknownCounter | None:
        """Count the unknown pieces of rows; None for a SavedModel, which hides its vocabulary."""
        tokenizer = getattr(self._model, "tokenizer", None)
        if not isinstance(tokenizer, Tokenizer):
            return None
        counter = UnknownCounter(tokenizer.vocabulary)
        for column in zip(*rows, strict=True):
            counter.add(tokenizer.tokenize(tf.constant(list(column), tf.string)), list(column))
        return counter

    def count_truncated(self, texts: Sequence[str]) -> int:
        """Count the texts that have more pieces than `embed` reads; 0 for a SavedModel.

        Only texts with more characters than pieces are read are cut into pieces again.
        """
        tokenizer = getattr(self._model, "tokenizer", None)
        if not isinstance(tokenizer, Tokenizer) or "max_length" not in self.description:
            return 0
        room = self.description["max_length"] - 2  # two special tokens
        size = len if tokenizer.vocabulary.kind != "bpe" else lambda text: len(text.encode())
        texts = [text for text in texts if size(text) > room]
        if not texts:
            return 0
        lengths = tokenizer.tokenize(tf.constant(texts, tf.string)).row_lengths()
        return int(tf.reduce_sum(tf.cast(lengths > room, tf.int32)))

    def _batches(self, lengths: list[int]):
        """Indices of rows that are computed together: those of similar length."""
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        for begin in range(0, len(order), self.batch_size):
            yield order[begin : begin + self.batch_size]

    def _shares(self, lengths: list[int]) -> Iterator[list[int]]:
        """Indices of texts that a core computes, which sorts them by their number of tokens.

        Texts of similar length are dealt to the cores in turn, so that all end at the same time.
        """
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        for begin in range(0, len(order), self.window):
            window = order[begin : begin + self.window]
            number = min(self._streams, -(-len(window) // ROWS_AT_ONCE))
            yield from (window[i::number] for i in range(number))

    def _run_all(
        self, signature: str, batches: Sequence[dict[str, list[str]]]
    ) -> Iterator[dict[str, np.ndarray]]:
        """Run a signature for each batch, as many at once as there are cores.

        Outside of the graph each batch has all cores.
        """
        run = functools.partial(self._run, signature)
        if min(self._streams, len(batches)) < 2 or signature in self._direct:
            yield from map(run, batches)
            return
        with ThreadPoolExecutor(self._streams) as pool:
            yield from pool.map(run, batches)

    def _run(self, signature: str, texts: dict[str, list[str]]) -> dict[str, np.ndarray]:
        if signature in self._direct:
            return self._direct[signature](*texts.values())
        given = {name: tf.constant(column, tf.string) for name, column in texts.items()}
        return {name: v.numpy() for name, v in self._signatures[signature](**given).items()}

    def _texts(self, row, number: int) -> list[str]:
        place = f"row {number}"
        if isinstance(row, str):
            row = (row,)
        elif isinstance(row, Mapping):
            missing = [name for name in self.inputs if name not in row]
            if missing:
                raise InputError(place, f"has no {missing[0]}", f"give {', '.join(self.inputs)}")
            row = [row[name] for name in self.inputs]
        if not isinstance(row, Sequence) or len(row) != len(self.inputs):
            problem = f"expected the texts {', '.join(self.inputs)}"
            raise InputError(place, problem, "give a sequence or a dict of strings")
        for name, text in zip(self.inputs, row, strict=True):
            if not isinstance(text, str):
                problem = f"{name} is of type {type(text).__name__}"
                raise InputError(place, problem, "give a string")
            check_text(text, f"{place}, {name}")
        return list(row)


def _by_name(function):
    names = [spec.name for spec in function.input_signature]
    return functools.partial(_call, function, names)


def _call(function, names: list[str], **texts):
    return function(*(texts[name] for name in names))


def _load_saved(directory: str):
    """Load a SavedModel, and the description beside it."""
    import tensorflow_text  # noqa: F401  its operations are in the graph

    path = os.path.join(directory, saved_model.DESCRIPTION_FILE)
    description = files.read_json(path) if files.exists(path) else {}
    try:
        with without_stderr():  # SentencePiece says that the model in it does not normalise
            model = tf.saved_model.load(directory)
        signature = model.signatures[SERVING]
    except KeyError as error:
        problem = f"has no signature {SERVING}"
        raise InputError(directory, problem, "name what kortf export wrote") from error
    except (OSError, ValueError, tf.errors.OpError) as error:
        problem = f"not a whole SavedModel ({str(error).splitlines()[0]})"
        raise InputError(directory, problem, "export it again: kortf export") from error
    specs = signature.structured_input_signature[1]
    if any(spec.dtype != tf.string or spec.shape.rank != 1 for spec in specs.values()):
        raise InputError(directory, "does not take strings [batch]", "name what kortf export wrote")
    description.setdefault("inputs", sorted(specs))
    return model, description
