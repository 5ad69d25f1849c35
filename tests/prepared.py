"""Inputs that many tests share: each is made once for all workers and all later runs.

A directory is keyed by the source code that makes it, so an edit makes it again. Where
KORTF_PREPARED names a directory that `python -m tests.prepared DIR` filled, the tests take them
from there: the training path alone cannot make them.
"""

import functools
import hashlib
import os
import pathlib
import shutil
import sys
import tempfile
import time
from collections.abc import Callable

import filelock

from kortf.cli.main import run_verb

ROOT = pathlib.Path(__file__).parent.parent
PAIRINGS = ("none", "next_sentence", "sentence_order")
# Source folders that decide the content of what is made.
TEXT_CODE = ("kortf/text", "kortf/data", "kortf/cli")
MODEL_CODE = ("kortf",)
KEPT_SECONDS = 24 * 3600


def run(verb: str, *argv: str) -> None:
    """Run `kortf VERB` in this process; fail if its exit status is not 0."""
    status = run_verb(verb, argv)
    assert status == 0, f"kortf {verb} {' '.join(argv)}: exit status {status}"


def shared(name: str, make: Callable[[pathlib.Path], None], code=TEXT_CODE) -> pathlib.Path:
    """Return the directory `name`, made by the first process that asks for it.

    Args:
        name: Name of the directory, unique among all shared ones.
        make: Writes the directory whose path it is given, which does not exist yet.
        code: Source folders on which the content depends.
    """
    given = os.environ.get("KORTF_PREPARED")
    if given and pathlib.Path(given, name).exists():
        return pathlib.Path(given, name)
    root = _root(code)
    directory = root / name
    with filelock.FileLock(root / f"{name}.lock"):
        if not directory.exists():
            making = root / f"{name}.making"
            shutil.rmtree(making, ignore_errors=True)
            make(making)
            making.rename(directory)
    return directory


@functools.cache
def _root(code: tuple[str, ...]) -> pathlib.Path:
    """Directory of everything that one state of the source makes; older states are deleted."""
    digest = hashlib.sha256()
    files = [path for folder in code for path in (ROOT / folder).rglob("*.py")]
    for path in sorted([*files, pathlib.Path(__file__), ROOT / "tests" / "conftest.py"]):
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    parent = pathlib.Path(tempfile.gettempdir(), f"kortf-tests-{os.getuid()}")
    root = parent / digest.hexdigest()[:16]
    root.mkdir(parents=True, exist_ok=True)
    os.utime(root)
    for other in parent.iterdir():
        if time.time() - other.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(other, ignore_errors=True)
    return root


def sample_dir() -> pathlib.Path:
    """Directory of `kortf sample`: kowiki/, nsmc/, korquad/, klue/."""
    return shared("sample", lambda directory: run("sample", f"--output={directory}"))


def vocabulary() -> pathlib.Path:
    """Directory of a WordPiece vocabulary of 600 pieces."""

    def make(directory):
        text = f"{sample_dir()}/kowiki/*.txt,{sample_dir()}/nsmc/reviews.txt"
        run("vocab", f"--input={text}", f"--output={directory}", "--size=600", "--lowercase")

    return shared("vocabulary", make)


def records(pairing: str = "none") -> pathlib.Path:
    """Directory of records of 32 tokens; unpaired ones hold the reviews as well."""

    def make(directory):
        text = f"{sample_dir()}/kowiki/*.txt"
        text += f",{sample_dir()}/nsmc/reviews.txt" if pairing == "none" else ""
        run(
            "records", f"--input={text}", f"--vocab={vocabulary()}", f"--output={directory}",
            f"--pairing={pairing}", "--seq_length=32", "--shards=2", "--workers=1",
        )  # fmt: skip

    return shared(pairing, make)


def main(directory: str) -> None:
    """Make all of them under `directory`."""
    os.environ.pop("KORTF_PREPARED", None)
    made = [sample_dir(), vocabulary(), *map(records, PAIRINGS)]
    for path in made:
        shutil.copytree(path, pathlib.Path(directory, path.name), dirs_exist_ok=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
