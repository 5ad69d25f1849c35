"""State of a records directory that is being written: lock, leftovers, finished shards."""

import contextlib
import os
import re
from collections.abc import Iterator

from kortf import files
from kortf.data.records.records import INFO_FILE, RecordsInfo, read_info, verify_shards
from kortf.errors import InputError

_SIDECAR = re.compile(r"\.records-\d{5}-of-\d{5}\.json")
_SHARD = re.compile(r"records-\d{5}-of-\d{5}\.tfrecord")
_LEFTOVER = re.compile(r"\.+records.*\.tmp")
_UNPACKED = re.compile(r"\.unpacked-[0-9a-f]+")
_LOCK = ".lock"
# Files by which a directory is recognised as one of another kind.
KINDS = {
    "records.json": "records",
    "clean.json": "cleaned text",
    "config.json": "a model or the work of a training run",
    "metrics.jsonl": "the work of a training run",
    "eval.json": "the work of a training run",
    "checkpoints": "the work of a training run",
    "vocab.txt": "a vocabulary",
    "spiece.model": "a vocabulary",
    "tokenizer.json": "a vocabulary",
    "tokenizer_config.json": "a vocabulary",
    "saved_model.pb": "a SavedModel",
}
_CURE = "name another --output, or give --overwrite to replace them"


def check_output(directory: str, own: str) -> None:
    """Refuse an output directory that holds something else.

    Args:
        directory: Output directory; it may be missing.
        own: Name of the file that describes a finished output of this kind.

    Raises:
        InputError: It is a file, or a directory of another kind.
    """
    if not files.exists(directory):
        return
    if not files.is_remote(directory) and not os.path.isdir(directory):
        raise InputError(directory, "is a file, not a directory", "name another --output")
    for name in files.listdir(directory):
        if name in KINDS and name != own:
            raise InputError(directory, f"holds {KINDS[name]} ({name})", "name another --output")


def missing(path: str) -> list[str]:
    """Return a directory and those above it that do not exist, the innermost first."""
    found = []
    while path and not files.is_remote(path) and not os.path.exists(path):
        found.append(path)
        path = os.path.dirname(path.rstrip(os.sep))
    return found


def remove_empty(directories: list[str]) -> None:
    """Remove directories that hold nothing but a lock file, the first one first."""
    for path in directories:
        with contextlib.suppress(OSError):
            if os.listdir(path) == [".lock"]:
                os.remove(os.path.join(path, ".lock"))
            os.rmdir(path)


def unpacked_path(directory: str, key: str, within: bool = False) -> str:
    """Return the directory of unpacked input while the records of this key are made.

    Args:
        directory: Output directory of the records.
        key: Hash of everything that they depend on.
        within: Whether it must be in `directory`, for other machines to read; otherwise it is on
            this machine where `directory` is remote.
    """
    if files.is_remote(directory) and not within:
        import tempfile

        directory = tempfile.gettempdir()
    return os.path.join(directory, f".unpacked-{key[:16]}")


@contextlib.contextmanager
def locked(directory: str, verb: str = "kortf records") -> Iterator[None]:
    """Keep a second `kortf records`, or another verb that writes shards, out of a local directory.

    Raises:
        InputError: When another one is at work there.
    """
    if files.is_remote(directory):
        yield
        return
    import fcntl

    path = os.path.join(directory, _LOCK)
    with open(path, "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            problem = f"another {verb} is writing there"
            raise InputError(directory, problem, "wait for it, or name another --output") from error
        try:
            yield
        finally:
            files.remove(path)


def take_up(directory: str, key: str, overwrite: bool) -> RecordsInfo | None:
    """Remove leftovers of a killed run, and return the records if they are complete already.

    Args:
        directory: Output directory of the records.
        key: Hash of everything that they depend on.
        overwrite: Whether to remove records of another key.

    Returns:
        The finished records; None if shards are missing.

    Raises:
        InputError: The directory holds other records, and `overwrite` is false.
    """
    clear_leftovers(directory)
    names = files.listdir(directory)
    if INFO_FILE in names:
        other, info = _compare(directory, key)
        if other is None:
            _remove(directory, [name for name in names if _SIDECAR.fullmatch(name)])
            return info
    else:
        other = _compare_unfinished(directory, key, names)
    if other and not overwrite:
        raise InputError(directory, other, _CURE)
    if other:
        clear(directory)
    spool = os.path.basename(unpacked_path(directory, key))
    _remove(directory, [n for n in names if _UNPACKED.fullmatch(n) and n != spool])
    return None


def clear_leftovers(directory: str) -> None:
    """Remove unfinished files."""
    _remove(directory, [name for name in files.listdir(directory) if _LEFTOVER.fullmatch(name)])


def clear(directory: str) -> None:
    """Remove records, finished or not; `records.json` first, so that nothing reads the rest."""
    names = files.listdir(directory)
    kinds = (_SHARD, _SIDECAR, _UNPACKED)
    _remove(directory, [INFO_FILE])
    _remove(directory, [n for n in names if any(kind.fullmatch(n) for kind in kinds)])


def _remove(directory: str, names: list[str]) -> None:
    for name in names:
        files.remove(os.path.join(directory, name))


def _compare(directory: str, key: str) -> tuple[str | None, RecordsInfo | None]:
    try:
        info = read_info(directory)
        verify_shards(directory, info)
    except InputError as error:
        return f"holds broken records ({error})", None
    if info.key != key:
        held = f"{info.pairing}, seq_length {info.seq_length}, seed {info.seed}"
        held += f", {len(info.shards)} shards, {len(info.input)} files, kortf {info.kortf_version}"
        return f"holds records of other text, vocabulary or settings ({held})", None
    return None, info


def _compare_unfinished(directory: str, key: str, names: list[str]) -> str | None:
    sidecars = [name for name in names if _SIDECAR.fullmatch(name)]
    for name in sidecars:
        value = files.read_json(os.path.join(directory, name))
        if not isinstance(value, dict) or value.get("key") != key:
            return "holds unfinished records of other text, vocabulary or settings"
    # A sidecar is written before its shard is renamed, so these shards are not of this key.
    if not sidecars and any(_SHARD.fullmatch(name) for name in names):
        return "holds shards without records.json"
    return None
