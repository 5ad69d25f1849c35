"""The form of sentence-transformers' MultiVectorEncoder: a vector for each token."""

import os

from kortf.errors import InputError
from kortf.pretrained.sentence_transformers.parts import (
    CURE,
    MODEL_FILE,
    MODULES_FILE,
    TOKENS,
    check,
    read_dense,
    read_modules,
    read_normalize,
    read_object,
    read_transformer,
    spell,
)
from kortf.pretrained.sentence_transformers.settings import TokenSettings

MULTI_VECTOR = "MultiVectorEncoder"  # its `model_type`
MASK = "MultiVectorMask"
MAX_SIM = "maxsim"
TASKS = ("query", "document")
_BEHIND = ("Dense", MASK, "Normalize")  # in this order
_MODEL = ("model_type", "__version__", "prompts", "default_prompt_name")


def read_token_settings(directory: str) -> TokenSettings:
    """Return the settings of a directory whose `model_type` is MultiVectorEncoder.

    Args:
        directory: Model directory with `modules.json`.

    Raises:
        InputError: A file is missing or broken, or asks for something that kortf does not compute,
            such as other steps for queries than for documents.
    """
    path = os.path.join(directory, MODULES_FILE)
    modules = read_modules(path, ("Transformer",), _BEHIND)
    dense, skipped, last = [], (), "Dense"
    for number, (name, folder) in enumerate(modules[1:], start=1):
        repeated = name == last and name != "Dense"
        if repeated or _BEHIND.index(name) < _BEHIND.index(last):
            raise InputError(f"{path}, module {number}", f"{name} follows {last}", CURE)
        last, place = name, os.path.join(directory, folder)
        if name == "Dense":
            dense.append(read_dense(place, TOKENS))
        elif name == MASK:
            skipped = _read_mask(os.path.join(place, "config.json"))
        else:
            read_normalize(os.path.join(place, "config.json"), TOKENS)
    if last != "Normalize":
        raise InputError(path, "does not end with Normalize", CURE)
    _check_model(directory)
    return TokenSettings(tuple(dense), skipped, **read_transformer(directory))


def mask_config(skipped: tuple[str, ...]) -> dict:
    """Return the config of the module that leaves out pieces of both queries and documents."""
    return {
        "skiplist_words": list(skipped),
        "skiplist_tasks": list(TASKS),
        "keep_only_token_ids": None,
    }


def _read_mask(path: str) -> tuple[str, ...]:
    """Return the pieces that do not count."""
    config = read_object(path)
    check(config, dict.fromkeys(("skiplist_words", "skiplist_tasks")), path)
    words, tasks = config.get("skiplist_words") or [], config.get("skiplist_tasks") or []
    for key, value in (("skiplist_words", words), ("skiplist_tasks", tasks)):
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise InputError(f"{path}, {key}", f"{spell(value)} is not a list of strings", CURE)
    if words and set(tasks) != set(TASKS):
        problem = f"{spell(tasks)} is not supported, where {' and '.join(TASKS)} are masked alike"
        raise InputError(f"{path}, skiplist_tasks", problem, CURE)
    return tuple(words)


def _check_model(directory: str) -> None:
    """Refuse prompts, and another similarity."""
    place = os.path.join(directory, MODEL_FILE)
    model = read_object(place, missing={})
    prompts = model.get("prompts") or {}
    if not isinstance(prompts, dict) or any(prompts.values()) or model.get("default_prompt_name"):
        problem = f"prompts of token vectors ({spell(prompts)}) are not supported"
        raise InputError(f"{place}, prompts", problem, CURE)
    check(model, {"similarity_fn_name": (MAX_SIM,)} | dict.fromkeys(_MODEL), place)
