"""Read and write local and remote files: globs, atomic writes, JSON, checksums."""

import atexit
import contextlib
import errno
import functools
import glob as globbing
import hashlib
import json
import os
import shutil
import sys
import tempfile
import uuid
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, TypeVar

from kortf.errors import InputError
from kortf.strict_json import parse_json

T = TypeVar("T")
R = TypeVar("R")
STANDARD_INPUT = "-"
_REMOTE_THREADS = 32  # a remote file answers in tens of milliseconds; a corpus may be thousands
_CHUNK = 1 << 20


def is_remote(path: str) -> bool:
    """Return whether `path` is an address, such as `gs://bucket/file`, for tf.io.gfile."""
    return "://" in path


def _gfile():
    import tensorflow as tf  # here: reading a local file must not load TensorFlow

    return tf.io.gfile


@contextlib.contextmanager
def _remote_errors(path: str) -> Iterator[None]:
    """Turn errors of TensorFlow's file systems into an InputError at `path`."""
    import tensorflow as tf

    scheme = path.partition("://")[0]
    try:
        yield
    except tf.errors.UnimplementedError as error:
        problem = f"TensorFlow has no file system for {scheme}://"
        raise InputError(path, problem, "download the file and give its local path") from error
    except tf.errors.OpError as error:
        reason = (error.message or type(error).__name__).splitlines()[0][:200]
        raise InputError(path, reason, "check the address, the network and your access") from error


def exists(path: str) -> bool:
    """Return whether there is a file or directory at `path`."""
    if not is_remote(path):
        return os.path.exists(path)
    with _remote_errors(path):
        return _gfile().exists(path)


def size(path: str) -> int:
    """Return the size of the file at `path` in bytes."""
    if not is_remote(path):
        return os.path.getsize(path)
    with _remote_errors(path):
        return _gfile().stat(path).length


def listdir(path: str) -> list[str]:
    """Return the names in the directory `path`, sorted, without a trailing slash."""
    if not is_remote(path):
        return sorted(os.listdir(path))
    with _remote_errors(path):
        return sorted(name.rstrip("/") for name in _gfile().listdir(path))


def makedirs(path: str) -> None:
    """Create the directory `path` and its parents, where they are missing."""
    if is_remote(path):
        with _remote_errors(path):
            _gfile().makedirs(path)
        return
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError as error:
        raise InputError(path, "is a file, not a directory", "name another directory") from error


def remove(path: str) -> None:
    """Remove a file, or a directory with its contents; a missing path is no error."""
    if is_remote(path):
        if _gfile().exists(path):
            (_gfile().rmtree if _gfile().isdir(path) else _gfile().remove)(path)
    elif os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        with contextlib.suppress(FileNotFoundError):
            os.remove(path)


def rename(source: str, target: str) -> None:
    """Move `source` to `target` atomically, replacing a file there, and sync the directory."""
    if is_remote(source):
        _gfile().rename(source, target, overwrite=True)
        return
    os.replace(source, target)
    sync_directory(os.path.dirname(target))


def sync_directory(path: str) -> None:
    """Flush a local directory to disk, so that a rename in it survives a power failure."""
    descriptor = os.open(path or ".", os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems cannot sync a directory
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def open_file(path: str, mode: str = "rb") -> IO:
    """Open a file; text modes are UTF-8 and keep line ends as they are.

    Raises:
        InputError: The file to read is missing or is a directory.
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


def temporary_name(path: str) -> str:
    """Return a hidden name in the directory of `path` that no other process or host uses.

    Example: `out/a.json` -> `out/.a.json.0f3c….tmp`
    """
    directory, name = os.path.split(path)
    return os.path.join(directory, f".{name}.{uuid.uuid4().hex}.tmp")


@contextlib.contextmanager
def write_beside(path: str, mode: str = "w") -> Iterator[IO]:
    """Write a file atomically: to a temporary name, then synced and renamed to `path`.

    If the block raises, the previous file at `path` is unchanged and the temporary file is removed.
    """
    makedirs(os.path.dirname(path) or ".")
    beside = temporary_name(path)
    try:
        with open_file(beside, mode.replace("w", "x") if not is_remote(path) else mode) as file:
            yield file
            file.flush()
            if not is_remote(path):
                os.fsync(file.fileno())
        rename(beside, path)
    except BaseException as error:
        remove(beside)
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            error.filename = path  # the error of a write does not name the file
        raise


def append(path: str, text: str) -> None:
    """Append `text` to a file, which is created if it is missing."""
    with open_file(path, "a") as file:
        file.write(text)


def write_json(path: str, value: Any) -> None:
    """Write `value` atomically as indented JSON; Hangul is not escaped."""
    with write_beside(path) as file:
        file.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def write_json_lines(path: str, values: Iterable[Any]) -> None:
    """Write a file of JSON lines atomically, one value a line."""
    with write_beside(path) as file:
        for value in values:
            file.write(json.dumps(value, ensure_ascii=False) + "\n")


def read_json(path: str) -> Any:
    """Read a JSON file.

    Raises:
        InputError: The file is missing, not UTF-8, or not JSON (see `kortf.strict_json`).
    """
    with (
        open_file(path) as file,
        _remote_errors(path) if is_remote(path) else contextlib.nullcontext(),
    ):
        data = file.read()
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        place = f"{path}, byte {error.start}"
        raise InputError(place, "not UTF-8", "convert the file to UTF-8") from error
    return parse_json(text, path)


def sha256_of(path: str) -> str:
    """Return the SHA-256 of the bytes of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with open_file(path) as file:
        while data := file.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()


def crc32_of(path: str) -> int:
    """Return the CRC-32 of the bytes of a file."""
    checksum = 0
    with open_file(path) as file:
        while data := file.read(_CHUNK):
            checksum = zlib.crc32(data, checksum)
    return checksum


def each(function: Callable[[T], R], items: Sequence[T], path_of: Callable[[T], str]) -> list[R]:
    """Map a function that reads files over `items`, in order; remote files in parallel.

    Args:
        function: Takes an item; most of its time must be spent on the file.
        items: One item a file.
        path_of: Returns the path of an item's file.
    """
    if not any(is_remote(path_of(item)) for item in items):
        return [function(item) for item in items]
    with ThreadPoolExecutor(_REMOTE_THREADS) as pool:
        return list(pool.map(function, items))


def expand(patterns: list[str], flag: str = "--input") -> list[str]:
    """Return the files that paths and globs name, each once, in the order given and then by name.

    A path that exists is taken before it is taken for a glob: `[라벨]/*.json` finds the files
    of that directory. `~` is the home directory. A directory gives all files below it that are not
    hidden. `-` is standard input, which is copied to a temporary file.

    Raises:
        InputError: There is no pattern, or a pattern matches no file.
    """
    if not patterns:
        raise InputError(flag, "no file is named", f"give {flag}=FILE or {flag}=GLOB,GLOB")
    found: dict[str, None] = {}
    for pattern in patterns:
        matches = _matches(pattern)
        if not matches:
            place, cure = f"{flag}={pattern}", "check the path or quote the glob"
            raise InputError(place, "no file matches", cure)
        found.update(dict.fromkeys(matches))
    return list(found)


def _matches(pattern: str) -> list[str]:
    if is_remote(pattern):
        with _remote_errors(pattern):
            found = _gfile().glob(pattern)
            return sorted(file for path in found for file in _files_below(path))
    if pattern == STANDARD_INPUT:
        return [_copy_of_standard_input()]
    pattern = os.path.expanduser(pattern)
    if os.path.exists(pattern):
        return _files_below(pattern)
    found = globbing.glob(_literal_where_it_exists(pattern), recursive=True)
    found = found or globbing.glob(pattern.replace("[", "[[]"), recursive=True)
    return sorted({file for path in found for file in _files_below(path)})


@functools.cache
def _copy_of_standard_input() -> str:
    """Copy standard input to a file that is removed at exit: corpora are read more than once."""
    directory = tempfile.mkdtemp(prefix="kortf-")
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    path = os.path.join(directory, "standard-input")
    with open(path, "wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, _CHUNK)
    return path


def _literal_where_it_exists(pattern: str) -> str:
    """Escape the leading directories of a glob that exist by their literal names."""
    parts = pattern.split(os.sep)
    for count in range(len(parts) - 1, 0, -1):
        directory = os.sep.join(parts[:count])
        if directory and os.path.isdir(directory):
            return os.sep.join([globbing.escape(directory), *parts[count:]])
    return pattern


def _files_below(path: str) -> list[str]:
    """Return the file itself, or all files below a directory that are not hidden, sorted."""
    gfile = _gfile() if is_remote(path) else None
    if not (gfile.isdir(path) if gfile else os.path.isdir(path)):
        return [path]
    found = []
    for directory, below, names in gfile.walk(path) if gfile else os.walk(path):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [os.path.join(directory, name) for name in names if not name.startswith(".")]
    return sorted(found)
