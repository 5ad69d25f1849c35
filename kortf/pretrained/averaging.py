"""Average the weights of several models."""

import os
from collections.abc import Sequence

import numpy as np

import kortf
from kortf import files
from kortf.errors import InputError
from kortf.pretrained import card as cards
from kortf.pretrained.directory.config_file import config_path, encoder_settings, read_config
from kortf.pretrained.directory.weights import open_weights
from kortf.pretrained.directory.writing import write_directory
from kortf.pretrained.formats import tensors
from kortf.pretrained.formats.tensor_source import TensorSource
from kortf.pretrained.sentence_transformers.reading import read_settings
from kortf.text.vocabulary.loading import holds_vocabulary, load_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

# Settings of training that do not change the meaning of a head's scores.
_FREE_SETTINGS = ("train_file", "dev_file", "test_file", "dropout")


def average_models(directories: Sequence[str], output: str) -> None:
    """Write a model directory whose weights are the means of those of other models.

    These are the uniform soups of Wortsman et al. (2022). They help models that were fine-tuned
    from the same model, with other orders, learning rates, lengths, dropout rates or files. Models
    with different initial weights have nothing in common that a mean would keep. Inference costs
    as much as with one model.

    Args:
        directories: At least two model directories of the same sizes, vocabulary and task.
        output: Directory to write; none of the others. It has the first one's config.

    Raises:
        InputError: If there are fewer than two, or they differ in more than their weights.
    """
    directories = [os.fspath(directory) for directory in directories]
    if len(directories) < 2:
        raise InputError("--models", "needs at least 2 models", "name them with commas between")
    if os.path.realpath(output) in map(os.path.realpath, directories):
        problem = "is one of the models"
        raise InputError(f"--output={output}", problem, "name another directory")
    first = directories[0]
    config = read_config(first)
    vocabulary = _vocabulary(first)
    meaning = _meaning(config, first)
    for other in directories[1:]:
        _check_same_meaning(other, meaning, vocabulary, first)
    weights = {tensors.FILE: _means([open_weights(directory) for directory in directories])}
    held = [files.exists(os.path.join(d, tensors.HEADS_FILE)) for d in directories]
    if any(held):
        if not all(held):
            problem = f"no {tensors.HEADS_FILE} in it, where others have one"
            raise InputError(directories[held.index(False)], problem, "name models of one kind")
        weights[tensors.HEADS_FILE] = _means(
            [tensors.TensorFile(directory, tensors.HEADS_FILE) for directory in directories]
        )
    ours = config.get("kortf") or {}
    config |= {"dtype": "float32", "kortf": ours | {"version": kortf.__version__}}
    settings = encoder_settings(config, first)[1]
    embedding = read_settings(first)
    write_directory(output, config, weights, vocabulary, settings, _card(directories), embedding)


def _vocabulary(directory: str) -> Vocabulary | None:
    return load_vocabulary(directory) if holds_vocabulary(directory) else None


def _check_same_meaning(
    other: str, meaning: dict, vocabulary: Vocabulary | None, first: str
) -> None:
    """Refuse another model whose weights have another meaning."""
    for name, value in _meaning(read_config(other), other).items():
        if value != meaning[name]:
            problem = f"{name} is {value!r} where {first} has {meaning[name]!r}"
            raise InputError(config_path(other), problem, "name models that differ in weights only")
    theirs, ours = (each and each.fingerprint for each in (_vocabulary(other), vocabulary))
    if theirs != ours:
        problem = f"its vocabulary is not that of {first}"
        raise InputError(other, problem, "name models of one vocabulary")


def _meaning(config: dict, directory: str) -> dict:
    name, settings = encoder_settings(config, directory)
    ours = config.get("kortf") or {}
    # Dropout belongs to training, not to the model.
    kept = {key: value for key, value in settings.items() if "dropout" not in key}
    task_settings = ours.get("task_settings") or {}
    kept["kortf.task"] = ours.get("task")
    kept["kortf.task_settings"] = {
        key: value for key, value in task_settings.items() if key not in _FREE_SETTINGS
    }
    embedding = read_settings(directory)
    if embedding and embedding.dense:
        problem = "has dense layers behind the encoder, which are not averaged"
        raise InputError(directory, problem, "name models without them")
    kept["embedding"] = embedding
    return {"model": name, **kept, "id2label": config.get("id2label")}


def _means(sources: Sequence[TensorSource]) -> dict[str, tensors.Announced]:
    """Announce the means of all tensors of some files; each is read when it is written."""
    first = sources[0]
    for other in sources[1:]:
        for name in sorted(first.names ^ other.names):
            lacking, cure = (other if name in first.names else first), "name models of one kind"
            raise InputError(lacking.place(name), "is missing, where another model has it", cure)
        for name in sorted(first.names):
            if first.shape(name) != other.shape(name):
                problem = f"{other.shape(name)} where {first.place(name)} has {first.shape(name)}"
                raise InputError(other.place(name), problem, "name models of the same sizes")

    def mean(name: str) -> np.ndarray:
        total = first.read(name).astype(np.float64)
        for other in sources[1:]:
            total += other.read(name)
        return total / len(sources)

    return {
        name: tensors.Announced(first.shape(name), lambda name=name: mean(name))
        for name in sorted(first.names)
    }


def _card(directories: Sequence[str]) -> cards.Card:
    about = f"The mean of the weights of {len(directories)} models, taken by `kortf average`."
    listed = "\n".join(f"- `{cards.place(directory)}`" for directory in directories)
    return cards.Card(about=about, sections={"Models": listed})
