"""Read the files of a sentence-transformers directory."""

import os

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.sentence_transformers import lexical
from kortf.pretrained.sentence_transformers.multi_vector import MULTI_VECTOR, read_token_settings
from kortf.pretrained.sentence_transformers.parts import (
    CURE,
    MODEL_FILE,
    MODULES_FILE,
    REPAIR,
    read_dense,
    read_modules,
    read_normalize,
    read_object,
    read_pooling,
    read_transformer,
    read_word_weights,
    spell,
)
from kortf.pretrained.sentence_transformers.settings import (
    POOLINGS,
    EmbeddingSettings,
    Lexical,
    TokenSettings,
)

POOLING_FOLDER = "1_Pooling"
_SIMILARITIES = ("cosine", "dot", "euclidean", "manhattan")


def read_settings(directory: str) -> EmbeddingSettings | TokenSettings | None:
    """Return the settings of a sentence-transformers directory of either kind.

    Args and errors as for `read_embedding_settings`.
    """
    if files.exists(os.path.join(directory, MODULES_FILE)):
        model = read_object(os.path.join(directory, MODEL_FILE), missing={})
        if model.get("model_type") == MULTI_VECTOR:
            return read_token_settings(directory)
    return read_embedding_settings(directory)


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
            raise InputError(directory, problem, REPAIR)
        return None
    model = read_object(os.path.join(directory, MODEL_FILE), missing={})
    kind = model.get("model_type") or "SentenceTransformer"
    if kind == "CrossEncoder":  # a classifier, which has no vectors
        return None
    place = os.path.join(directory, MODEL_FILE)
    if kind != "SentenceTransformer":
        raise InputError(f"{place}, model_type", f"{spell(kind)} is not supported", CURE)
    first = ("Transformer", "WordWeights?", "Pooling")
    modules = read_modules(path, first, ("Dense", "Normalize", *lexical.MODULES))
    weighted = modules[1][0] == "WordWeights"
    place_of_pooling = os.path.join(directory, modules[1 + weighted][1], "config.json")
    (pooling,), include_prompt = read_pooling(place_of_pooling, [[mode] for mode in POOLINGS])
    weights = read_word_weights(os.path.join(directory, modules[1][1])) if weighted else None
    if weights is not None and pooling != "mean":
        problem = f"pooling {pooling} of weighted tokens is not supported"
        raise InputError(place_of_pooling, problem, "use mean, or leave WordWeights out")
    found, rest = _take_lexical(directory, path, list(enumerate(modules))[2 + weighted :])
    dense, normalize = [], False
    for number, (name, folder) in rest:
        if normalize:
            problem = f"{name} follows Normalize"
            raise InputError(f"{path}, module {number}", problem, CURE)
        if name == "Normalize":
            read_normalize(os.path.join(directory, folder, "config.json"))
            normalize = True
        else:
            dense.append(read_dense(os.path.join(directory, folder)))
    given = read_transformer(directory) | _read_model(model, place)
    if given.get("default_prompt") and not include_prompt:
        raise InputError(f"{place_of_pooling}, include_prompt", "false is not supported", CURE)
    given |= {"dense": tuple(dense), "word_weights": weights, "lexical": found}
    return EmbeddingSettings(pooling, normalize, **given)


def _take_lexical(
    directory: str, path: str, modules: list[tuple[int, tuple[str, str]]]
) -> tuple[Lexical | None, list[tuple[int, tuple[str, str]]]]:
    """Return the tables of a lexical part, and the modules without its own.

    It follows a Normalize, and nothing but a Normalize follows it.

    Args:
        directory: Model directory.
        path: Its `modules.json`.
        modules: Numbers, class names and folders of the modules behind the first pooling.
    """
    names = [name for _, (name, _) in modules]
    own = [(number, name) for number, (name, _) in modules if name not in ("Dense", "Normalize")]
    if not own:
        return None, modules
    wanted, end = ["Normalize", *lexical.MODULES], names[-1] == "Normalize"
    begin = len(names) - len(wanted) - end
    if begin < 0 or names[begin : len(names) - end] != wanted:
        number, name = own[0]
        raise InputError(f"{path}, module {number}", f"{name} is not supported here", CURE)
    (_, (_, norm)), *parts = modules[begin : len(names) - end]
    read_normalize(os.path.join(directory, norm, "config.json"))
    folders = {name: os.path.join(directory, folder) for _, (name, folder) in parts}
    return lexical.read_lexical(folders), modules[:begin] + modules[len(names) - end :]


def _read_model(config: dict, place: str) -> dict:
    """Return prompts, truncation and similarity."""
    prompts, default = config.get("prompts") or {}, config.get("default_prompt_name")
    texts = isinstance(prompts, dict) and all(isinstance(t, str) for t in prompts.values())
    known = default is None or (isinstance(default, str) and default in prompts)
    if not texts or not known:
        problem = f"prompts or default_prompt_name ({spell(default)}) are not usable"
        raise InputError(place, problem, REPAIR)
    dim, similarity = config.get("truncate_dim"), config.get("similarity_fn_name")
    if dim is not None and (isinstance(dim, bool) or not isinstance(dim, int) or dim < 1):
        problem = f"{spell(dim)} is not a positive whole number"
        raise InputError(f"{place}, truncate_dim", problem, REPAIR)
    if similarity not in (None, *_SIMILARITIES):
        problem = f"{spell(similarity)} is not supported"
        cure = f"use one of {', '.join(_SIMILARITIES)}"
        raise InputError(f"{place}, similarity_fn_name", problem, cure)
    found = {"prompts": prompts, "default_prompt": default, "dim": dim}
    return found | {"similarity": similarity}
