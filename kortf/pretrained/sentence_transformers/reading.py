"""Read the files of a sentence-transformers directory."""

import math
import os
import re
from typing import Any

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.directory.weights import open_weights
from kortf.pretrained.sentence_transformers.settings import Dense, EmbeddingSettings

MODULES_FILE = "modules.json"
TRANSFORMER_FILE = "sentence_bert_config.json"
MODEL_FILE = "config_sentence_transformers.json"
POOLING_FOLDER = "1_Pooling"
POOLING_MODES = {
    "pooling_mode_cls_token": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_max_tokens": "max",
}
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
SENTENCE = "sentence_embedding"  # where modules read and write the vector of a text
_INPUTS = {"module_input_name": (SENTENCE,), "module_output_name": (SENTENCE,)}
_FOLDER = re.compile(r"|[A-Za-z0-9_-]{1,100}")
_SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")
_CURE = "save the model again with sentence-transformers, or leave that step out"
_REPAIR = "copy or download the directory again"


def read_embedding_settings(directory: str) -> EmbeddingSettings | None:
    """Return the settings of a sentence-transformers directory; None for any other directory.

    Args:
        directory: Model directory.

    Raises:
        InputError: A file is missing or broken, or names a module, a pooling mode or a setting
            that kortf does not compute.
    """
    path = os.path.join(directory, MODULES_FILE)
    if not files.exists(path):
        if files.exists(os.path.join(directory, POOLING_FOLDER)):
            problem = f"has {POOLING_FOLDER} and no {MODULES_FILE}"
            raise InputError(directory, problem, _REPAIR)
        return None
    model = _object(os.path.join(directory, MODEL_FILE), missing={})
    kind = model.get("model_type") or "SentenceTransformer"
    if kind == "CrossEncoder":  # a classifier, which has no vectors
        return None
    place = os.path.join(directory, MODEL_FILE)
    if kind != "SentenceTransformer":
        raise InputError(f"{place}, model_type", f"{_spell(kind)} is not supported", _CURE)
    modules = _modules(path)
    pooling = _read_pooling(os.path.join(directory, modules[1][1], "config.json"))
    dense, normalize = [], False
    for number, (name, folder) in enumerate(modules[2:], start=2):
        if normalize:
            problem = f"{name} follows Normalize"
            raise InputError(f"{path}, module {number}", problem, _CURE)
        if name == "Normalize":
            _read_normalize(os.path.join(directory, folder, "config.json"))
            normalize = True
        else:
            dense.append(_read_dense(os.path.join(directory, folder)))
    given = _read_transformer(directory) | _read_model(model, place)
    if given.get("default_prompt") and not pooling["include_prompt"]:
        place = os.path.join(directory, modules[1][1], "config.json")
        raise InputError(f"{place}, include_prompt", "false is not supported", _CURE)
    return EmbeddingSettings(pooling["mode"], normalize, dense=tuple(dense), **given)


def _modules(path: str) -> list[tuple[str, str]]:
    """Return the class name and the folder of each module: Transformer, Pooling and others."""
    value = files.read_json(path)
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise InputError(path, "not a list of modules", _REPAIR)
    found = []
    for number, module in enumerate(value):
        place = f"{path}, module {number}"
        known = ("Transformer", "Pooling") if number < 2 else ("Dense", "Normalize")
        type_, folder = module.get("type"), module.get("path", "")
        name = str(type_).rpartition(".")[2]
        ours = str(type_).startswith("sentence_transformers.")
        if not ours or name not in (known[number : number + 1] if number < 2 else known):
            expected = known[number] if number < 2 else " or ".join(known)
            problem = f"the module {_spell(type_)} is not supported here (expected {expected})"
            raise InputError(place, problem, _CURE)
        _check_folder(folder, number, place)
        _check(module, {"type": None, "path": None, "idx": None, "name": None}, place)
        found.append((name, folder))
    if len(found) < 2:
        problem = f"{len(found)} modules where a Transformer and a Pooling are expected"
        raise InputError(path, problem, _CURE)
    return found


def _check_folder(folder: Any, number: int, place: str) -> None:
    """Refuse a folder outside of the directory, or a Transformer in a folder."""
    if not isinstance(folder, str) or not _FOLDER.fullmatch(folder):
        raise InputError(place, f"path {_spell(folder)} is not a folder name", _REPAIR)
    if number == 0 and folder:
        problem = f"the Transformer is in the folder {folder}"
        raise InputError(place, problem, "save the model again with a newer sentence-transformers")
    if number and not folder:
        raise InputError(place, "has no folder", _REPAIR)


def _read_pooling(path: str) -> dict:
    """Return `mode`, and `include_prompt`, of a Pooling module."""
    config = _object(path)
    sizes = ("word_embedding_dimension", "embedding_dimension")
    old = [key for key in config if key.startswith("pooling_mode_")]
    known = ("pooling_mode", "include_prompt", *sizes, *old)
    _check(config, dict.fromkeys(known), path)
    chosen = config.get("pooling_mode")
    if "pooling_mode" in config:
        modes = chosen if isinstance(chosen, list) else [chosen]
        place = f"{path}, pooling_mode"
    else:
        modes = [POOLING_MODES.get(key, key) for key in old if config[key]] or ["mean"]
        place = path
    if len(modes) != 1 or modes[0] not in POOLING_MODES.values():
        problem = f"pooling {_spell(' + '.join(map(str, modes)))} is not supported"
        raise InputError(place, problem, f"use one of {', '.join(POOLING_MODES.values())}")
    return {"mode": modes[0], "include_prompt": config.get("include_prompt", True) is not False}


def _read_normalize(path: str) -> None:
    """Check the config of a Normalize module, which older versions do not write."""
    _check(_object(path, missing={}), _INPUTS, path)


def _read_dense(folder: str) -> Dense:
    path = os.path.join(folder, "config.json")
    config = _object(path)
    own = dict.fromkeys(("in_features", "out_features", "bias", "activation_function"))
    _check(config, own | _INPUTS | {"use_residual": (False,)}, path)
    activation = config.get("activation_function", "torch.nn.modules.activation.Tanh")
    if not isinstance(activation, str) or activation not in ACTIVATIONS:
        problem = f"{_spell(activation)} is not supported"
        known = ", ".join(ACTIVATIONS)
        raise InputError(f"{path}, activation_function", problem, f"use one of {known}")
    weights = open_weights(folder)
    names = ["linear.weight", "linear.bias"] if config.get("bias", True) else ["linear.weight"]
    if weights.names != set(names):
        problem = f"holds {', '.join(sorted(weights.names))[:200]} where {names} are expected"
        raise InputError(weights.path, problem, _REPAIR)
    kernel = weights.read("linear.weight")
    bias = weights.read("linear.bias") if len(names) == 2 else None
    shape = (config.get("out_features"), config.get("in_features"))
    if kernel.shape != shape or (bias is not None and bias.shape != shape[:1]):
        problem = f"linear.weight has the shape {kernel.shape} where {shape} is expected"
        raise InputError(weights.path, problem, _REPAIR)
    return Dense(kernel.T.copy(), bias, ACTIVATIONS[activation])


def _read_transformer(directory: str) -> dict:
    """Return `max_length` and `do_lower_case`: those of older and newer versions."""
    path = os.path.join(directory, TRANSFORMER_FILE)
    config = _object(path, missing={})
    own = dict.fromkeys(("max_seq_length", "do_lower_case"))
    _check(config, _TRANSFORMER | own, path)
    lower, length = config.get("do_lower_case") or False, config.get("max_seq_length")
    if not isinstance(lower, bool):
        raise InputError(f"{path}, do_lower_case", f"{_spell(lower)} is not a boolean", _REPAIR)
    place = f"{path}, max_seq_length"
    if length is None:  # newer versions keep it among the settings of the tokenizer
        path = os.path.join(directory, "tokenizer_config.json")
        length = _object(path, missing={}).get("model_max_length")
        place = f"{path}, model_max_length"
    if length is not None and (isinstance(length, bool) or not _is_length(length)):
        raise InputError(place, f"{_spell(length)} is not a positive whole number", _REPAIR)
    # transformers writes 1e30 for no limit.
    return {
        "do_lower_case": lower,
        "max_length": int(length) if length and length < 2**31 else None,
    }


def _is_length(value) -> bool:
    number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return number and value >= 1 and value == int(value)


def _read_model(config: dict, place: str) -> dict:
    """Return prompts, truncation and similarity."""
    prompts, default = config.get("prompts") or {}, config.get("default_prompt_name")
    texts = isinstance(prompts, dict) and all(isinstance(t, str) for t in prompts.values())
    known = default is None or (isinstance(default, str) and default in prompts)
    if not texts or not known:
        problem = f"prompts or default_prompt_name ({_spell(default)}) are not usable"
        raise InputError(place, problem, _REPAIR)
    dim, similarity = config.get("truncate_dim"), config.get("similarity_fn_name")
    if dim is not None and (isinstance(dim, bool) or not isinstance(dim, int) or dim < 1):
        problem = f"{_spell(dim)} is not a positive whole number"
        raise InputError(f"{place}, truncate_dim", problem, _REPAIR)
    if similarity not in (None, *_SIMILARITIES):
        problem = f"{_spell(similarity)} is not supported"
        cure = f"use one of {', '.join(_SIMILARITIES)}"
        raise InputError(f"{place}, similarity_fn_name", problem, cure)
    found = {"prompts": prompts, "default_prompt": default, "dim": dim}
    return found | {"similarity": similarity}


def _check(config: dict, known: dict[str, tuple | None], place: str) -> None:
    """Refuse a key that is not known and says something, or a value that is not among its own."""
    for key, value in config.items():
        if key not in known:
            if value not in (None, False, {}, []):
                raise InputError(f"{place}, {key[:80]}", f"{_spell(value)} is not supported", _CURE)
        elif known[key] is not None and value is not None and value not in known[key]:
            raise InputError(f"{place}, {key}", f"{_spell(value)} is not supported", _CURE)


def _object(path: str, missing: dict | None = None) -> dict:
    if missing is not None and not files.exists(path):
        return missing
    value = files.read_json(path)
    if not isinstance(value, dict):
        raise InputError(path, "not a JSON object", _REPAIR)
    return value


def _spell(value) -> str:
    return str(value)[:80]
