"""The models of a server: versions are loaded, watched and swapped."""

import os
import re
import threading
from collections.abc import Callable

from absl import logging

from kortf import files
from kortf.errors import InputError
from kortf.export import saved_model
from kortf.export.options import ExportOptions
from kortf.export.serve.batcher import Batcher, Limits
from kortf.export.serve.errors import NotFoundError
from kortf.export.serve.loaded_model import LoadedModel
from kortf.pretrained.directory.config_file import CONFIG_FILE

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def parse_models(specs: list[str]) -> dict[str, str]:
    """Return directories by model name.

    Example:
        >>> parse_models(["nsmc=runs/nsmc/model"])
        {'nsmc': 'runs/nsmc/model'}

    Args:
        specs: `NAME=DIR` each; a lone directory gets its base name.

    Raises:
        InputError: A name is used twice or has other characters, or a directory is missing.
    """
    models: dict[str, str] = {}
    for spec in specs:
        name, mark, directory = spec.partition("=")
        if not mark:
            name, directory = os.path.basename(os.path.normpath(spec)), spec
        if not _NAME.fullmatch(name):
            cure = "use letters, digits, -, _ and ., a letter or digit first"
            raise InputError(f"--model={spec}", f"'{name}' is not a name", cure)
        if name in models:
            raise InputError(f"--model={spec}", f"'{name}' is named twice", "rename one of them")
        if not files.exists(directory):
            raise InputError(f"--model={spec}", "no such directory", "check the path")
        models[name] = directory
    if not models:
        raise InputError("--model", "no model is named", "give --model=NAME=DIR")
    return models


def find_versions(directory: str) -> dict[int, str]:
    """Return directories by version: of `DIR/1`, `DIR/2`, …, or the directory itself as 1.

    Raises:
        InputError: There is no model in it.
    """
    if _is_model(directory):
        return {1: directory}
    found = {}
    for name in files.listdir(directory):
        path = os.path.join(directory, name)
        if name.isascii() and name.isdigit() and int(name) < 1 << 63 and _is_model(path):
            found[int(name)] = path
    if not found:
        problem = f"no {saved_model.FILE} or {CONFIG_FILE} in it or in DIR/1, DIR/2, …"
        raise InputError(directory, problem, "name a SavedModel or a model directory")
    return found


def _is_model(directory: str) -> bool:
    return any(
        files.exists(os.path.join(directory, name)) for name in (saved_model.FILE, CONFIG_FILE)
    )


class ModelStore:
    """Models by name, each in its newest version.

    A thread looks for new versions. One is loaded and warmed up beside the current one, then takes
    its place; the old one finishes its requests and is released.

    Args:
        models: Directories by name.
        limits: Bounds of the server.
        options: How model directories are served.

    Raises:
        InputError: A model cannot be loaded.
    """

    def __init__(self, models: dict[str, str], limits: Limits, options: ExportOptions):
        self._directories, self._limits, self._options = models, limits, options
        self._current: dict[str, Batcher] = {}
        self._failed: dict[tuple[str, int], str] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.on_swap: Callable[[str, int], None] = lambda name, version: None
        for name, directory in models.items():
            version, path = max(find_versions(directory).items())
            self._current[name] = self._load(name, version, path)

    @property
    def names(self) -> list[str]:
        """Names of the models."""
        return list(self._current)

    def get(self, name: str, version: int | None = None) -> Batcher:
        """Return the queue of a model.

        Raises:
            NotFoundError: There is no such model or version.
        """
        batcher = self._current.get(name)
        if batcher is None or version not in (None, batcher.model.version):
            what = f"Latest({name})" if version is None else f"Specific({name}, {version})"
            raise NotFoundError(f"Servable not found for request: {what}")
        return batcher

    def statuses(self, name: str) -> list[dict]:
        """Return versions of a model as TF Serving's `model_version_status`.

        Raises:
            NotFoundError: There is no such model.
        """
        if name not in self._current:
            raise NotFoundError(f"Could not find any versions of model {name}")
        found = [_status(self._current[name].model.version, "AVAILABLE")]
        for (other, version), error in self._failed.items():
            if other == name:
                found.append(_status(version, "END", "UNKNOWN", error))
        return sorted(found, key=lambda status: -int(status["version"]))

    def watch(self, seconds: float) -> None:
        """Start the thread that looks for new versions periodically."""
        self._thread = threading.Thread(
            target=self._watch, args=(seconds,), name="versions", daemon=True
        )
        self._thread.start()

    def refresh(self) -> None:
        """Load each version that is newer than the current one."""
        for name, directory in self._directories.items():
            try:
                version, path = max(find_versions(directory).items())
            except (InputError, OSError):  # the current version stays
                continue
            current = self._current[name]
            if version <= current.model.version or (name, version) in self._failed:
                continue
            try:
                new = self._load(name, version, path)
            except Exception as error:
                self._failed[name, version] = " ".join(str(error).split())[:500]
                logging.error("%s version %d: %s", name, version, self._failed[name, version])
                continue
            self._current[name] = new
            self.on_swap(name, version)
            logging.info("%s: version %d replaces %d", name, version, current.model.version)
            current.retire()

    def close(self) -> None:
        """Finish all requests and end all threads."""
        self._stop.set()
        for batcher in self._current.values():
            batcher.retire()

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.refresh()

    def _load(self, name: str, version: int, path: str) -> Batcher:
        model = LoadedModel(name, version, path, self._options)
        model.warm_up()
        batcher = Batcher(model, self._limits)
        try:
            batcher.warm_up()
        except Exception:
            batcher.retire()  # its thread would hold the model
            raise
        return batcher


def _status(version: int, state: str, code: str = "OK", message: str = "") -> dict:
    status = {"error_code": code, "error_message": message}
    return {"version": str(version), "state": state, "status": status}
