"""Check the model directories of a command line before TensorFlow is imported."""

import difflib
import glob
import os
import re
import socket
from urllib.parse import urlparse

from absl import flags

from kortf.errors import InputError

MODEL_FLAGS = ("model", "models", "init_from", "teacher")
# Verbs whose --model is something else than a path.
OTHER_MEANING = ("vocab", "download", "serve")
MODEL_FILES = ("config.json", "saved_model.pb", "bert_config.json")
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_STORAGE_HOST = ("storage.googleapis.com", 443)
# Set where Cloud Storage is reached in another way than by that host.
_OTHER_ROUTES = ("STORAGE_EMULATOR_HOST", "CLOUD_STORAGE_EMULATOR_ENDPOINT", "HTTPS_PROXY")
_SECONDS = 5


def check_models(verb: str, flag_values: flags.FlagValues) -> None:
    """Check that each model directory that the flags name exists.

    Args:
        verb: Verb whose flags they are.
        flag_values: Parsed flags.

    Raises:
        InputError: Names the nearest directory that holds a model, and `kortf download model`.
    """
    if verb in OTHER_MEANING:
        return
    for name in MODEL_FLAGS:
        value = flag_values[name].value if name in flag_values else None
        for path in value if isinstance(value, list) else [value]:
            if isinstance(path, str) and path:
                check_model(path, f"--{name}={path}")


def check_model(path: str, place: str) -> None:
    """Check that `path` names a model directory, a SavedModel or a TensorFlow 1 checkpoint.

    Args:
        path: Directory or checkpoint prefix, local or `gs://`.
        place: Flag to name in the error.
    """
    if "://" in path:
        check_storage(path, place)
        return
    inner = os.path.join(path, "model")
    if os.path.isdir(path):
        if not _holds_model(path) and _holds_model(inner):
            raise InputError(place, "no model in this directory", f"did you mean {inner}?")
        return
    if os.path.exists(path) or glob.glob(f"{glob.escape(path)}*.index"):
        return
    near = nearest_path(path)
    cure = f"did you mean {near}?" if near else "check the path"
    if _HUB_NAME.fullmatch(path):
        output = os.path.join("models", path.rpartition("/")[2])
        fetch = f"kortf download model {path} --output={output}"
        cure += f" To download it: {fetch}" if near else f", or download it: {fetch}"
    raise InputError(place, "there is no such model directory", cure)


def nearest_path(path: str) -> str | None:
    """Return the existing path that differs least from a mistyped one, part by part.

    Example:
        `runs/nmsc/model` becomes `runs/nsmc/model` where that exists.
    """
    at = os.sep if os.path.isabs(path) else ""
    for part in os.path.normpath(path).strip(os.sep).split(os.sep):
        if os.path.exists(os.path.join(at, part)):
            at = os.path.join(at, part)
            continue
        try:
            names = os.listdir(at or os.curdir)
        except OSError:
            return None
        close = difflib.get_close_matches(part, names, n=1)
        if not close:
            return None
        at = os.path.join(at, close[0])
    if os.path.isdir(at) and not _holds_model(at) and _holds_model(os.path.join(at, "model")):
        at = os.path.join(at, "model")
    return at


def check_storage(address: str, place: str) -> None:
    """Check in seconds that Cloud Storage answers, which TensorFlow tries for minutes."""
    if urlparse(address).scheme != "gs" or any(os.environ.get(name) for name in _OTHER_ROUTES):
        return
    try:
        socket.create_connection(_STORAGE_HOST, timeout=_SECONDS).close()
    except OSError as error:
        cure = "check the network, or copy the files to this machine"
        raise InputError(place, f"{_STORAGE_HOST[0]} does not answer ({error})", cure) from error


def _holds_model(directory: str) -> bool:
    return any(os.path.exists(os.path.join(directory, name)) for name in MODEL_FILES) or bool(
        glob.glob(os.path.join(glob.escape(directory), "*.index"))
    )
