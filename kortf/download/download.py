"""`kortf download`: fetch the published files of a benchmark, and check each."""

import os
from collections.abc import Iterator
from urllib.parse import urlsplit

from kortf import files
from kortf.download.catalogue import CATALOGUE
from kortf.download.checksum import difference, digests
from kortf.download.notes import RECORD, note, notes
from kortf.download.source import HOST, Published, Source, Withheld
from kortf.download.transfer import PART, transfer
from kortf.errors import InputError, did_you_mean


def find_source(task: str) -> Source:
    """Return the source of a benchmark.

    Raises:
        InputError: The benchmark is unknown, or its licence forbids fetching it.
    """
    source = CATALOGUE.get(task)
    if source is None:
        raise InputError(f"'{task}'", "no such benchmark", did_you_mean(task, CATALOGUE))
    if isinstance(source, Withheld):
        raise InputError(source.title, source.reason, source.cure)
    return source


def download(task: str, output: str, host: str = HOST) -> Iterator[str]:
    """Fetch the missing files of a benchmark; a second call continues an interrupted one.

    Args:
        task: Name of the benchmark.
        output: Directory for the files and `downloads.json`.
        host: Address of the repositories, or of a mirror.

    Yields:
        Lines to print: the licence first, then one for each file.

    Raises:
        InputError: A file cannot be fetched, is not the published one, or another file has its
            name.
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
    noted = notes(output).get(file.name, {})
    if os.path.exists(path):
        problem = difference(path, file, noted.get("sha256"))
        if problem:
            cure = "move it away, or name another --output"
            raise InputError(path, f"is there and is not the published file ({problem})", cure)
        return f"{file.name}: there already, {_checked(file)}"
    files.makedirs(os.path.dirname(path))
    address, part = source.address(file, host), path + PART
    kept = transfer(address, part, file.bytes)
    problem = difference(part, file)
    if problem and kept:  # what was kept may have been the first bytes of something else
        files.remove(part)
        transfer(address, part, file.bytes)
        problem = difference(part, file)
    if problem:
        files.remove(part)
        cure = "run the same command again; if it stays so, what is there was changed"
        raise InputError(address, f"is not the published file ({problem}); it was removed", cure)
    sha256, _ = digests(part)
    size = os.path.getsize(part)
    files.rename(part, path)
    note(output, file.name, {"address": address, "bytes": size, "sha256": sha256})
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
