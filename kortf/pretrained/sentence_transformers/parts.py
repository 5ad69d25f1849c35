"""Parts of a sentence-transformers directory that models of all kinds have."""

import math
import os
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.directory.weights import open_weights
from kortf.pretrained.sentence_transformers.settings import Dense, WordWeights

MODULES_FILE = "modules.json"
TABLE = "emb_layer.weight"  # tensor of a WordWeights or WordEmbeddings module
TRANSFORMER_FILE = "sentence_bert_config.json"
MODEL_FILE = "config_sentence_transformers.json"
# Classes of torch and our names of them.
ACTIVATIONS = {
    "torch.nn.modules.linear.Identity": "identity",
    "torch.nn.modules.activation.Tanh": "tanh",
    "torch.nn.modules.activation.ReLU": "relu",
    "torch.nn.modules.activation.GELU": "gelu",
    "torch.nn.modules.activation.Sigmoid": "sigmoid",
    "torch.nn.modules.activation.SiLU": "silu",
}
# Keys of sentence_bert_config.json whose usual values change nothing.
_TRANSFORMER = {
    "transformer_task": ("feature-extraction",),
    "module_output_name": ("token_embeddings",),
    "modality_config": (
        {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
    ),
    "unpad_inputs": (True, False),  # another way to the same vectors
}
# Where modules read and write the vector of a text, and those of its tokens.
SENTENCE, TOKENS = "sentence_embedding", "token_embeddings"
POOLING_MODES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_max_tokens": "max",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
}
CURE = "save the model again with sentence-transformers, or leave that step out"
REPAIR = "copy or download the directory again"
_FOLDER = re.compile(r"|[A-Za-z0-9_-]{1,100}")


def read_modules(path: str, first: Sequence[str], others: Sequence[str]) -> list[tuple[str, str]]:
    """Return the class name and the folder of each module.

    Args:
        path: `modules.json`.
        first: Class names of the first modules, in order; that of one that may be left out is
            marked by `?`.
        others: Class names that may follow.

    Raises:
        InputError: The file is broken, or names another module.
    """
    value = files.read_json(path)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise InputError(path, "not a list of modules", REPAIR)
    found, left = [], list(first)
    for number, module in enumerate(value):
        place = f"{path}, module {number}"
        known = [each.rstrip("?") for each in left[: 1 + left[0].endswith("?")]] if left else others
        type_, folder = module.get("type"), module.get("path", "")
        name = str(type_).rpartition(".")[2]
        ours = str(type_).startswith("sentence_transformers.")
        if not ours or name not in known:
            expected = " or ".join(known)
            problem = f"the module {spell(type_)} is not supported here (expected {expected})"
            raise InputError(place, problem, CURE)
        _check_folder(folder, number, place)
        check(module, {"type": None, "path": None, "idx": None, "name": None}, place)
        found.append((name, folder))
        del left[: 1 + known.index(name)]
    if left:
        problem = f"{len(found)} modules where {' and '.join(first)} are expected"
        raise InputError(path, problem, CURE)
    return found


def _check_folder(folder: Any, number: int, place: str) -> None:
    """Refuse a folder outside of the directory, or a Transformer in a folder."""
    if not isinstance(folder, str) or not _FOLDER.fullmatch(folder):
        raise InputError(place, f"path {spell(folder)} is not a folder name", REPAIR)
    if number == 0 and folder:
        problem = f"the Transformer is in the folder {folder}"
        raise InputError(place, problem, "save the model again with a newer sentence-transformers")
    if number and not folder:
        raise InputError(place, "has no folder", REPAIR)


def read_normalize(path: str, vectors: str = SENTENCE) -> None:
    """Check the config of a Normalize module, which older versions do not write.

    Args:
        path: Its `config.json`.
        vectors: Vectors that it normalizes, `SENTENCE` or `TOKENS`.
    """
    _check_inputs(read_object(path, missing={}), {}, vectors, path)


def read_pooling(path: str, allowed: Sequence[list[str]]) -> tuple[list[str], bool]:
    """Return the modes of a Pooling module, as sentence-transformers 6 names them.

    Args:
        path: Its `config.json`.
        allowed: Modes that it may have together, in the order of their vectors.

    Returns:
        The modes, and whether they read a prompt as well.
    """
    config = read_object(path)
    sizes = ("word_embedding_dimension", "embedding_dimension")
    old = [key for key in config if key.startswith("pooling_mode_")]
    check(config, dict.fromkeys(("pooling_mode", "include_prompt", *sizes, *old)), path)
    if "pooling_mode" in config:
        place, chosen = f"{path}, pooling_mode", config["pooling_mode"]
        modes = chosen if isinstance(chosen, list) else [chosen]
    else:
        place, order = path, [*POOLING_MODES, *(key for key in old if key not in POOLING_MODES)]
        modes = [POOLING_MODES.get(key, key) for key in order if config.get(key)] or ["mean"]
    if modes not in allowed:
        problem = f"pooling {spell(' + '.join(map(str, modes)))} is not supported"
        raise InputError(place, problem, f"use one of {', '.join(map(' + '.join, allowed))}")
    return modes, config.get("include_prompt", True) is not False


def _check_inputs(
    config: dict, known: dict, vectors: str, path: str, output: str | None = None
) -> None:
    """Refuse a module of other vectors; `SENTENCE` are those of a module that names none."""
    names = {"module_input_name": vectors, "module_output_name": output or vectors}
    check(config, known | {name: (place,) for name, place in names.items()}, path)
    # A module that names no output writes where it reads.
    needed = {"module_input_name": vectors != SENTENCE, "module_output_name": output is not None}
    for name, place in names.items():
        if needed[name] and config.get(name) is None:
            raise InputError(f"{path}, {name}", f"is not {place}", CURE)


def read_dense(folder: str, vectors: str = SENTENCE, output: str | None = None) -> Dense:
    """Read a Dense module.

    Args:
        folder: Its folder.
        vectors: Name of the vectors that it reads, `SENTENCE` or `TOKENS`.
        output: Name of those that it writes; None if it replaces those that it reads.
    """
    path = os.path.join(folder, "config.json")
    config = read_object(path)
    own = dict.fromkeys(("in_features", "out_features", "bias", "activation_function"))
    _check_inputs(config, own | {"use_residual": (False,)}, vectors, path, output)
    activation = config.get("activation_function", "torch.nn.modules.activation.Tanh")
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        problem = f"{spell(activation)} is not supported"
        known = ", ".join(ACTIVATIONS)
        raise InputError(f"{path}, activation_function", problem, f"use one of {known}")
    weights = open_weights(folder)
    names = ["linear.weight", "linear.bias"] if config.get("bias", True) else ["linear.weight"]
    if weights.names != set(names):
        problem = f"holds {', '.join(sorted(weights.names))[:200]} where {names} are expected"
        raise InputError(weights.path, problem, REPAIR)
    kernel = weights.read("linear.weight")
    bias = weights.read("linear.bias") if len(names) == 2 else None
    shape = (config.get("out_features"), config.get("in_features"))
    if kernel.shape != shape or (bias is not None and bias.shape != shape[:1]):
        problem = f"linear.weight has the shape {kernel.shape} where {shape} is expected"
        raise InputError(weights.path, problem, REPAIR)
    return Dense(kernel.T.copy(), bias, ACTIVATIONS[activation])


def read_word_weights(folder: str) -> WordWeights:
    """Read a WordWeights module."""
    path = os.path.join(folder, "config.json")
    config = read_object(path)
    check(config, dict.fromkeys(("vocab", "word_weights", "unknown_word_weight")), path)
    pieces = config.get("vocab")
    if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
        raise InputError(f"{path}, vocab", "not a list of pieces", REPAIR)
    return WordWeights(tuple(pieces), read_table(folder, len(pieces), 1)[:, 0])


def read_table(folder: str, pieces: int, width: int | None = None) -> np.ndarray:
    """Read the table of a WordWeights or WordEmbeddings module, float32 `[pieces, width]`.

    Args:
        folder: Its folder.
        pieces: Number of pieces.
        width: Number of columns; any if None.
    """
    weights = open_weights(folder)
    if weights.names != {TABLE}:
        problem = f"holds {', '.join(sorted(weights.names))[:200]} where {TABLE} is expected"
        raise InputError(weights.path, problem, REPAIR)
    table = weights.read(TABLE)
    if table.ndim != 2 or table.shape != (pieces, width or table.shape[1]):
        problem = f"{TABLE} has the shape {table.shape} for {pieces} pieces"
        raise InputError(weights.path, problem, REPAIR)
    return table.astype(np.float32)


def read_transformer(directory: str) -> dict:
    """Return `max_length` and `do_lower_case`: those of older and newer versions."""
    path = os.path.join(directory, TRANSFORMER_FILE)
    config = read_object(path, missing={})
    own = dict.fromkeys(("max_seq_length", "do_lower_case"))
    check(config, _TRANSFORMER | own, path)
    lower, length = config.get("do_lower_case") or False, config.get("max_seq_length")
    if not isinstance(lower, bool):
        raise InputError(f"{path}, do_lower_case", f"{spell(lower)} is not a boolean", REPAIR)
    place = f"{path}, max_seq_length"
    if length is None:  # newer versions keep it among the settings of the tokenizer
        path = os.path.join(directory, "tokenizer_config.json")
        length = read_object(path, missing={}).get("model_max_length")
        place = f"{path}, model_max_length"
    if length is not None and (isinstance(length, bool) or not _is_length(length)):
        raise InputError(place, f"{spell(length)} is not a positive whole number", REPAIR)
    # transformers writes 1e30 for no limit.
    return {
        "do_lower_case": lower,
        "max_length": int(length) if length and length < 2**31 else None,
    }


def _is_length(value) -> bool:
    number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return number and value >= 1 and value == int(value)


def check(config: dict, known: dict[str, tuple | None], place: str) -> None:
    """Refuse a key that is not known and says something, or a value that is not among its own."""
    for key, value in config.items():
        if key not in known:
            if value not in (None, False, {}, []):
                raise InputError(f"{place}, {key[:80]}", f"{spell(value)} is not supported", CURE)
        elif known[key] is not None and value is not None and value not in known[key]:
            raise InputError(f"{place}, {key}", f"{spell(value)} is not supported", CURE)


def read_object(path: str, missing: dict | None = None) -> dict:
    """Read a JSON object; `missing` is returned where there is no file."""
    if missing is not None and not files.exists(path):
        return missing
    value = files.read_json(path)
    if not isinstance(value, dict):
        raise InputError(path, "not a JSON object", REPAIR)
    return value


def spell(value) -> str:
    """Return a value for a message."""
    return str(value)[:80]
