"""Files, local or remote: found by glob, opened as they are, written beside and then renamed."""

import contextlib
import errno
import glob as globbing
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeVar

from kortf.errors import InputError

T, R = TypeVar("T"), TypeVar("R")
# An answer from far away takes tens of milliseconds, and a corpus may be thousands of files.
_AT_A_TIME = 32


def is_remote(path: str) -> bool:
    """Whether `path` is an address such as `gs://bucket/file` that tf.io.gfile has to open."""
    return "://" in path


def _gfile():
    import tensorflow as tf  # here: reading a local file must not load TensorFlow

    return tf.io.gfile


def exists(path: str) -> bool:
    """Whether there is a file or directory at `path`."""
    return _gfile().exists(path) if is_remote(path) else os.path.exists(path)


def size(path: str) -> int:
    """Size of the file at `path` in bytes."""
    return _gfile().stat(path).length if is_remote(path) else os.path.getsize(path)


def listdir(path: str) -> list[str]:
    """Names in the directory `path`, sorted, without a trailing slash."""
    names = _gfile().listdir(path) if is_remote(path) else os.listdir(path)
    return sorted(name.rstrip("/") for name in names)


def makedirs(path: str) -> None:
    """Makes the directory `path` and those above it."""
    if is_remote(path):
        _gfile().makedirs(path)
        return
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError as error:
        raise InputError(path, "is a file, not a directory", "name another directory") from error


def remove(path: str) -> None:
    """Removes a file, or a directory with all that is in it; nothing happens if it is not there."""
    if is_remote(path):
        if _gfile().exists(path):
            (_gfile().rmtree if _gfile().isdir(path) else _gfile().remove)(path)
    elif os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def rename(source: str, target: str) -> None:
    """Moves `source` to `target` in one step, over a file that may stand there."""
    if is_remote(source):
        _gfile().rename(source, target, overwrite=True)
    else:
        os.replace(source, target)


def open_file(path: str, mode: str = "rb") -> IO:
    """Opens a file; text modes are UTF-8 and leave line ends alone.

    Raises:
        InputError: when the file to be read is not there or is a directory.
    """
    if is_remote(path):
        return _gfile().GFile(path, mode)
    try:
        if "b" in mode:
            return open(path, mode)
        return open(path, mode, encoding="utf-8", newline="")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        if "r" not in mode:
            raise
        raise InputError(path, error.strerror.lower(), "check the path") from error


@contextlib.contextmanager
def write_beside(path: str, mode: str = "w") -> Iterator[IO]:
    """Opens a file beside `path` for writing and renames it to `path` when the block ends well.

    Whatever goes wrong, what stood at `path` before still stands there whole.
    """
    makedirs(os.path.dirname(path) or ".")
    if is_remote(path):
        beside = f"{path}.tmp-{os.getpid()}"
    else:
        handle, beside = tempfile.mkstemp(
            prefix=f".{os.path.basename(path)}.", suffix=".tmp", dir=os.path.dirname(path) or "."
        )
        os.close(handle)
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(beside, 0o666 & ~umask)
    try:
        with open_file(beside, mode) as file:
            yield file
            file.flush()
            if not is_remote(path):
                os.fsync(file.fileno())
        rename(beside, path)
    except BaseException as error:
        remove(beside)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            error.filename = path  # writing says only what is wrong, not where
        raise


def append(path: str, text: str) -> None:
    """Adds `text` at the end of a file, which is made when it is not there."""
    with open_file(path, "a") as file:
        file.write(text)


def write_json(path: str, value: Any) -> None:
    """Writes `value` as readable JSON (Hangul as it is), beside and then renamed."""
    with write_beside(path) as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_json_lines(path: str, values: Iterable[Any]) -> None:
    """Writes a file of JSON lines, a value each, whole or not at all."""
    with write_beside(path) as file:
        for value in values:
            file.write(json.dumps(value, ensure_ascii=False) + "\n")


def read_json(path: str) -> Any:
    """Reads a JSON file.

    Raises:
        InputError: when it is missing, not UTF-8 or not JSON (with the line).
    """
    with open_file(path, "r") as file:
        try:
            return json.loads(file.read())
        except json.JSONDecodeError as error:
            place = f"{path}, line {error.lineno}"
            raise InputError(place, f"not JSON ({error.msg})", "write the file again") from error
        except UnicodeDecodeError as error:
            place = f"{path}, byte {error.start}"
            raise InputError(place, "not UTF-8", "convert the file to UTF-8") from error


def each(function: Callable[[T], R], items: Sequence[T], path_of: Callable[[T], str]) -> list[R]:
    """Results of a function that looks into files, in order; remote files many at a time.

    Args:
        function: takes an item; what takes time in it must be the file.
        items: one a file.
        path_of: says where the file of an item lies.
    """
    if not any(is_remote(path_of(item)) for item in items):
        return [function(item) for item in items]
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(function, items))


def expand(patterns: list[str], flag: str = "--input") -> list[str]:
    """Files that match a list of globs, each once, in the order of the globs and then by name.

    Raises:
        InputError: when there is no pattern, a pattern matches nothing, or nothing but directories.
    """
    if not patterns:
        raise InputError(flag, "no file is named", f"give {flag}=FILE or {flag}=GLOB,GLOB")
    found: dict[str, None] = {}
    for pattern in patterns:
        if is_remote(pattern):
            matches = sorted(m for m in _gfile().glob(pattern) if not _gfile().isdir(m))
        else:
            matches = sorted(m for m in globbing.glob(pattern, recursive=True) if os.path.isfile(m))
        if not matches:
            raise InputError(
                f"{flag}={pattern}", "no file matches", "check the path or quote the glob"
            )
        found.update(dict.fromkeys(matches))
    return list(found)
