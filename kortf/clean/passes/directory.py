"""The output directory of a cleaning run: its files, and the state of an unfinished run."""

import contextlib
import os
import re

from kortf import files
from kortf.clean.reporting.report import PAGE_FILE, REPORT_FILE, SAMPLES_FILE
from kortf.data.records import unfinished
from kortf.errors import InputError

_WORK = re.compile(r"\.work-[0-9a-f]+")
_OUTPUT = re.compile(r"clean-\d{5}-of-\d{5}\.txt(\.gz|\.zst)?")
_LEFTOVER = re.compile(r"\.(clean|samples).*\.tmp|clean.*\.tmp-[0-9a-f]+")
_CURE = "name another --output, or give --overwrite to replace it"


def check_output(directory: str, inputs: list[str]) -> None:
    """Raise InputError when cleaned text must not be written to a directory.

    Args:
        directory: Directory for the text; it may be missing.
        inputs: Files that are read.
    """
    if not files.exists(directory):
        return
    unfinished.check_output(directory, REPORT_FILE)
    for path in inputs:
        folder, name = os.path.split(os.path.realpath(path))
        inside = os.path.commonpath([os.path.realpath(directory), folder])
        if _OUTPUT.fullmatch(name) and inside == os.path.realpath(directory):
            problem = "is read and would be replaced, since it lies in --output"
            raise InputError(path, problem, "name another --output")


def work_path(directory: str, key: str, within: bool = False) -> str:
    """Return the directory of intermediate files.

    Args:
        directory: Directory for the text.
        key: Hash of everything that the text depends on.
        within: Whether it must be in `directory`, for other machines to read; otherwise it is on
            this machine where `directory` is remote.
    """
    if files.is_remote(directory) and not within:
        import tempfile

        directory = tempfile.gettempdir()
    return os.path.join(directory, f".work-{key[:16]}")


def take_up(directory: str, work: str, key: str, overwrite: bool) -> dict | None:
    """Return the report of this cleaning if it is finished, else clear leftovers away.

    Args:
        directory: Directory for the text; it exists.
        work: Directory of intermediate files, see `work_path`.
        key: Hash of everything that the text depends on.
        overwrite: Whether to remove the output of another cleaning.

    Returns:
        The finished report, None if there is work to do.

    Raises:
        InputError: The directory holds another cleaning, and `overwrite` is false.
    """
    names = files.listdir(directory)
    for place in (directory, *_folders(directory)):
        _remove(place, _LEFTOVER)
    other = None
    if REPORT_FILE in names:
        report = files.read_json(os.path.join(directory, REPORT_FILE))
        if not isinstance(report, dict) or report.get("key") != key:
            other = "holds text that was cleaned from other input or with other settings"
        elif broken := _broken(directory, report):
            other = f"holds cleaned text of which {broken} is missing or was changed"
        else:
            return report
    elif any(_WORK.fullmatch(n) and n != f".work-{key[:16]}" for n in names):
        other = "holds an unfinished cleaning of other input or with other settings"
    elif any(map(_OUTPUT.fullmatch, names)) and not files.exists(work):
        other = "holds cleaned text without clean.json"
    if other and not overwrite:
        raise InputError(directory, other, _CURE)
    if other:
        clear(directory)
    return None


def clear(directory: str) -> None:
    """Remove cleaned text, finished or not; `clean.json` first, so that no call takes it up."""
    files.remove(os.path.join(directory, REPORT_FILE))
    files.remove(os.path.join(directory, SAMPLES_FILE))
    files.remove(os.path.join(directory, PAGE_FILE))
    _remove(directory, _WORK)
    _remove(directory, _OUTPUT)
    for place in _folders(directory):
        if _remove(place, _OUTPUT):
            with contextlib.suppress(OSError):  # it holds other files
                os.rmdir(place)


def _folders(directory: str) -> list[str]:
    """Return the directories that may belong to categories."""
    if files.is_remote(directory):
        return []
    entries = sorted(os.scandir(directory), key=lambda entry: entry.name)
    return [e.path for e in entries if e.is_dir(follow_symlinks=False) and e.name[0] != "."]


def _remove(directory: str, kind: re.Pattern) -> bool:
    """Remove the files with such a name; return whether there were any."""
    names = [name for name in files.listdir(directory) if kind.fullmatch(name)]
    for name in names:
        files.remove(os.path.join(directory, name))
    return bool(names)


def _broken(directory: str, report: dict) -> str | None:
    for entry in report.get("files", ()):
        path = os.path.join(directory, entry["file"])
        if not files.exists(path) or files.size(path) != entry["bytes"]:
            return entry["file"]
    return None
