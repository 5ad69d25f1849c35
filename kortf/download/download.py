"""The command `kortf download`: a benchmark's published files, each checked."""

import difflib
import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from kortf import files
from kortf.download.catalogue import CATALOGUE
from kortf.download.checksum import difference, digests
from kortf.download.source import HOST, Published, Source, Withheld
from kortf.download.transfer import PART, transfer
from kortf.errors import InputError

RECORD = "downloads.json"


def find_source(task: str) -> Source:
    """Where a benchmark comes from.

    Raises:
        InputError: it is not known, or may not be fetched.
    """
    source = CATALOGUE.get(task)
    if source is None:
        near = difflib.get_close_matches(task, CATALOGUE, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"choose one of {', '.join(CATALOGUE)}"
        raise InputError(f"'{task}'", "no such benchmark", hint)
    if isinstance(source, Withheld):
        raise InputError(source.title, source.reason, source.cure)
    return source


def download(task: str, output: str, host: str = HOST) -> Iterator[str]:
    """Fetches the files of a benchmark that are not there yet; a call that was stopped goes on.

    Args:
        task: name of the benchmark.
        output: directory that takes the files, and `downloads.json`.
        host: that has the repositories, or a mirror of it.

    Yields:
        Lines to be shown: the licence first, then one a file.

    Raises:
        InputError: a file cannot be fetched, is not the published one, or another one stands under
            its name.
    """
    source = find_source(task)
    if files.is_remote(output):
        raise InputError(f"--output={output}", "is no local directory", "fetch it here and copy it")
    if not _is_address(host):
        raise InputError(f"--mirror={host}", "is no address", "begin with https:// or http://")
    yield f"{source.title}: {source.page} (commit {source.commit[:12]})"
    yield f"licence: {source.licence}"
    files.makedirs(output)
    for file in source.files:
        yield _fetch(source, file, output, host)


def _fetch(source: Source, file: Published, output: str, host: str) -> str:
    path = os.path.join(output, file.name)
    noted = _notes(output).get(file.name, {})
    if os.path.exists(path):
        problem = difference(path, file, noted.get("sha256"))
        if problem:
            cure = "move it away, or name another --output"
            raise InputError(path, f"is there and is not the published file ({problem})", cure)
        return f"{file.name}: there already, {_checked(file)}"
    files.makedirs(os.path.dirname(path))
    address, part = source.address(file, host), path + PART
    kept = transfer(address, part)
    problem = difference(part, file)
    if problem and kept:  # what was kept may have been the first bytes of something else
        files.remove(part)
        transfer(address, part)
        problem = difference(part, file)
    if problem:
        files.remove(part)
        cure = "run the same command again; if it stays so, what is there was changed"
        raise InputError(address, f"is not the published file ({problem}); it was removed", cure)
    sha256, _ = digests(part)
    size = os.path.getsize(part)
    files.rename(part, path)
    _note(output, file.name, {"address": address, "bytes": size, "sha256": sha256})
    line = f"{file.name}: {size:,} bytes, {_checked(file)}"
    return line if file.sha256 else f"{line}; SHA-256 {sha256} goes into {RECORD}"


def _checked(file: Published) -> str:
    if file.sha256:
        return f"SHA-256 {file.sha256[:12]}… as expected"
    return f"git blob {file.git_blob[:12]}… as in the commit (its SHA-256 is not known to kortf)"


def _is_address(host: str) -> bool:
    try:
        parts = urlsplit(host)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def _notes(output: str) -> dict:
    path = os.path.join(output, RECORD)
    content = files.read_json(path) if os.path.exists(path) else {"files": {}}
    if not isinstance(content, dict) or not isinstance(content.get("files"), dict):
        raise InputError(path, "is not what kortf download writes", "remove it")
    return content["files"]


def _note(output: str, name: str, entry: dict) -> None:
    path = os.path.join(output, RECORD)
    files.write_json(path, {"files": {**_notes(output), name: entry}})
