"""Model directories: an encoder, its heads and its vocabulary as Hugging Face lays them out."""

import functools
import os
from typing import Any

import numpy as np
from keras import ops

import kortf
from kortf import files, models
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained import family as families
from kortf.pretrained import tensors
from kortf.pretrained.family import Family, Tensor
from kortf.pretrained.staging import stage
from kortf.text.vocabulary import SETTINGS_FILE, VOCABULARY_FILES, Vocabulary, load_vocabulary

CONFIG_FILE = "config.json"
CARD_FILE = "README.md"

# Settings that change what the weights mean but not their shapes.
_MEANING = ("num_layers", "num_heads", "activation", "norm")


def save_pretrained(
    directory: str,
    encoder: Encoder,
    vocabulary: Vocabulary | None = None,
    heads: dict[str, Any] | None = None,
    extra: dict | None = None,
    card: str | None = None,
) -> None:
    """Writes a model directory that transformers loads as it is.

    The directory appears whole or not at all; over an older one, its files are replaced.

    Args:
        directory: where to.
        encoder: the model.
        vocabulary: its vocabulary; its files are written as well.
        heads: name to Keras layer: `masked_lm` (MaskedLMHead), `next_sentence` or `sentence_order`
            (Dense), `classifier` (Classifier).
        extra: what else is to stand in `config.json`, such as `id2label`; a dict under `kortf` is
            merged with what kortf itself keeps there.
        card: the text of `README.md`, the model card.

    Raises:
        InputError: the vocabulary has more pieces than the model has vectors, or the directory is a
            file.
    """
    directory, heads = os.fspath(directory), heads or {}
    family = families.of_encoder(encoder)
    if vocabulary is not None:
        _check_vocabulary(vocabulary, encoder.settings, directory)
    if files.exists(directory) and not files.is_remote(directory) and not os.path.isdir(directory):
        raise InputError(directory, "is a file, not a directory", "name another directory")
    config = _config(family, encoder, vocabulary, heads, extra or {})
    with stage(directory, last=CONFIG_FILE) as beside:
        tensors.write(os.path.join(beside, tensors.FILE), _collect(family, encoder, heads))
        if vocabulary is not None:
            vocabulary.save(beside)
            _limit_length(beside, encoder.settings["max_length"])
        if card is not None:
            with files.write_beside(os.path.join(beside, CARD_FILE)) as file:
                file.write(card)
        files.write_json(os.path.join(beside, CONFIG_FILE), config)
    if vocabulary is not None:  # one of another kind that stood there is no longer the model's
        for kind, name in VOCABULARY_FILES.items():
            if kind != vocabulary.kind:
                files.remove(os.path.join(directory, name))


def from_pretrained(directory: str, dtype=None) -> Encoder:
    """Reads the encoder of a model directory.

    Args:
        directory: written by kortf or by transformers.
        dtype: Keras dtype or policy, such as `mixed_bfloat16`; float32 if None.

    Returns:
        The encoder. Its `save_pretrained(directory)` writes it and the vocabulary it came with.

    Raises:
        InputError: something in the directory is missing, broken or not supported.
    """
    directory = os.fspath(directory)
    name, settings = encoder_settings(read_config(directory), directory)
    encoder = models.build(name, **settings, dtype=dtype)
    cure = f"mend {CONFIG_FILE}: its sizes are not those of the weights"
    _plan_encoder(encoder, directory, cure).copy()
    vocabulary = None
    if any(files.exists(os.path.join(directory, file)) for file in VOCABULARY_FILES.values()):
        vocabulary = load_vocabulary(directory)
        _check_vocabulary(vocabulary, settings, directory)
    encoder.save_pretrained = functools.partial(
        save_pretrained, encoder=encoder, vocabulary=vocabulary
    )
    return encoder


def load_encoder(encoder: Encoder, directory: str) -> None:
    """Copies the weights of a model directory into an encoder.

    A pooler that the directory does not have stays as it was made.

    Raises:
        InputError: the directory's encoder has other sizes, or a tensor is missing.
    """
    directory = os.fspath(directory)
    config = read_config(directory)
    name, settings = encoder_settings(config, directory)
    family = families.of_encoder(encoder)
    place = os.path.join(directory, CONFIG_FILE)
    if family.model != name:
        problem = f"the weights are of '{name}' where the model is '{family.model}'"
        raise InputError(place, problem, f"set config.model.name='{name}'")
    cure = f"give the model the sizes of {place}, or leave --init_from away"
    plan = None
    if encoder.settings.get("norm") == settings.get("norm"):  # else the names differ as well
        plan = _plan_encoder(encoder, directory, cure)
    for key in _MEANING:
        theirs, ours = settings.get(key), encoder.settings.get(key)
        if theirs != ours:
            raise InputError(place, f"{key} is {theirs!r} where the model has {ours!r}", cure)
    plan.copy()


def load_heads(heads: dict[str, Any], directory: str) -> list[str]:
    """Copies the weights of heads from a model directory.

    Args:
        heads: name to built Keras layer, as in `save_pretrained`.
        directory: the model directory.

    Returns:
        The names of the heads that it does not have: these stay as they were made.

    Raises:
        InputError: a head is there in part only, or has other sizes.
    """
    directory = os.fspath(directory)
    family = families.of_config(read_config(directory), os.path.join(directory, CONFIG_FILE))
    file, plans, missing = tensors.TensorFile(directory), [], []
    for name, head in heads.items():
        table = family.head_tensors(name, head)
        found = [file.find([tensor.theirs]) for tensor in table]
        if not any(found):
            missing.append(name)
            continue
        cure = f"give the {name} head the sizes of the directory, or name another directory"
        plans.append(_Plan(head, table, found, file, cure))
    for plan in plans:
        plan.copy()
    return missing


def read_config(directory: str) -> dict:
    """The `config.json` of a model directory.

    Raises:
        InputError: there is no such directory, or no JSON object in it.
    """
    directory = os.fspath(directory)
    path = os.path.join(directory, CONFIG_FILE)
    if not files.exists(directory):
        cure = "check the path, or download it first: hf download NAME --local-dir DIR"
        raise InputError(directory, "there is no such model directory", cure)
    if not files.exists(path):
        inner = os.path.join(directory, "model")
        known = files.exists(os.path.join(inner, CONFIG_FILE))
        cure = f"did you mean {inner}?" if known else "name a model directory (WORKDIR/model)"
        raise InputError(directory, f"not a model directory: no {CONFIG_FILE} in it", cure)
    config = files.read_json(path)
    if not isinstance(config, dict):
        raise InputError(path, "not a JSON object", "write the file again")
    return config


def encoder_settings(config: dict, directory: str = "") -> tuple[str, dict]:
    """What `kortf.models.build` needs for the encoder that a `config.json` describes.

    Args:
        config: its content.
        directory: where it stands, for messages.

    Returns:
        The module's name in `kortf.models`, and the settings.

    Raises:
        InputError: the `model_type` is not known, or a size is missing or cannot be.
    """
    place = os.path.join(directory, CONFIG_FILE)
    family = families.of_config(config, place)
    return family.model, family.settings(config, place)


def _plan_encoder(encoder: Encoder, directory: str, cure: str) -> "_Plan":
    family = families.of_encoder(encoder)
    table = family.encoder_tensors(encoder.settings)
    file = tensors.TensorFile(directory)
    found = [file.find([family.prefix + tensor.theirs, tensor.theirs]) for tensor in table]
    return _Plan(encoder, table, found, file, cure)


class _Plan:
    """Which tensor goes to which variable: all is checked before anything is copied."""

    def __init__(self, layer, table, found: list[str | None], file: tensors.TensorFile, cure: str):
        self.file = file
        self.rows = []
        for tensor, name in zip(table, found, strict=True):
            variable = _variable(layer, tensor.ours)
            wanted = tuple(variable.shape)[::-1] if tensor.transpose else tuple(variable.shape)
            if name is None:
                if tensor.optional:
                    continue
                place = f"{file.path}, tensor {tensor.theirs}"
                raise InputError(place, f"is missing where the model has {list(wanted)}", cure)
            if file.shape(name) != wanted:
                there = list(file.shape(name))
                problem = f"has the shape {there} where the model has {list(wanted)}"
                raise InputError(f"{file.path}, tensor {name}", problem, cure)
            self.rows.append((variable, tensor, name))

    def copy(self) -> None:
        for variable, tensor, name in self.rows:
            value = self.file.read(name)
            variable.assign(value.T if tensor.transpose else value)


def _collect(family: Family, encoder: Encoder, heads: dict) -> dict:
    """Name, shape and reader of all tensors that are to be written."""
    prefix = family.prefix if heads else ""
    rows = [(encoder, t, prefix + t.theirs) for t in family.encoder_tensors(encoder.settings)]
    for name, head in heads.items():
        rows += [(head, tensor, tensor.theirs) for tensor in family.head_tensors(name, head)]
    collected = {}
    for layer, tensor, name in rows:
        variable = _variable(layer, tensor.ours)
        shape = tuple(variable.shape)
        collected[name] = (
            shape[::-1] if tensor.transpose else shape,
            functools.partial(_value, variable, tensor),
        )
    return collected


def _value(variable, tensor: Tensor) -> np.ndarray:
    value = ops.convert_to_numpy(variable)
    return value.T if tensor.transpose else value


def _variable(layer, path: str):
    for name in path.split("."):
        layer = layer[int(name)] if name.isdigit() else getattr(layer, name)
    return layer


def _config(family: Family, encoder: Encoder, vocabulary, heads: dict, extra: dict) -> dict:
    config = {"architectures": [family.architecture(heads)], "model_type": family.model_type}
    config |= family.config(encoder.settings)
    config["pad_token_id"] = 0 if vocabulary is None else vocabulary.pad_id
    config["dtype"] = "float32"
    if "classifier" in heads:
        labels = {i: f"LABEL_{i}" for i in range(heads["classifier"].num_classes)}
        config["id2label"] = labels
        config["label2id"] = {label: i for i, label in labels.items()}
    ours = {"version": kortf.__version__} | config.pop("kortf", {}) | extra.get("kortf", {})
    return config | extra | {"kortf": ours}


def _check_vocabulary(vocabulary: Vocabulary, settings: dict, directory: str) -> None:
    if vocabulary.size > settings["vocabulary_size"]:
        raise InputError(
            os.path.join(directory, VOCABULARY_FILES[vocabulary.kind]),
            f"{vocabulary.size} pieces where the model has {settings['vocabulary_size']} vectors",
            "take the vocabulary that the model was trained with",
        )


def _limit_length(directory: str, max_length: int) -> None:
    """Tells whoever tokenises for this model how many positions it has."""
    path = os.path.join(directory, SETTINGS_FILE)
    settings = files.read_json(path)
    settings["model_max_length"] = min(settings.get("model_max_length") or max_length, max_length)
    files.write_json(path, settings)
