"""Answer texts, one a line, with a model directory or a SavedModel; JSON lines out.

  kortf predict --model=saved_model --input=reviews.txt --output=answers.jsonl
  echo '정말 재미있는 영화였다' | kortf predict --model=runs/nsmc/model --input=-

The answers stand in the order of the lines. Where a model takes two texts, a tab stands between, or
each line of a `.jsonl` file is an object with both: `{"question": …, "context": …}`.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator

from absl import flags

from kortf import files
from kortf.data.corpus.compression import open_bytes
from kortf.errors import InputError

STANDARD_INPUT = "-"
JSON_LINES = (".jsonl", ".jsonl.gz", ".jsonl.xz", ".jsonl.bz2", ".jsonl.zst")
_CHUNK = 1 << 20
_PIPE_CHUNK = 1 << 16


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf predict`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory or SavedModel", **of)
    flags.DEFINE_string(
        "input", None, "file of texts, may be compressed; - is standard input", **of
    )
    flags.DEFINE_string("output", None, "file for the answers; standard output if not given", **of)
    flags.DEFINE_integer("batch_size", 32, "rows that are computed together", lower_bound=1, **of)
    flags.mark_flags_as_required(["model", "input"], flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Answers all lines."""
    source = flag_values.input
    if source != STANDARD_INPUT and not files.exists(source):
        raise InputError(source, "no such file", "check the path, or give - for standard input")

    from kortf.export.predictor import Predictor
    from kortf.lines import windows

    predictor = Predictor(flag_values.model, flag_values.batch_size)
    place = "standard input" if source == STANDARD_INPUT else source
    texts, number = _fields if source.endswith(JSON_LINES) else _texts, 0
    with _output(flag_values.output) as output:
        for lines in windows(_chunks(source), place):
            rows = [
                texts(line, predictor.inputs, f"{place}, line {number + i}")
                for i, line in enumerate(lines, 1)
            ]
            for answer in predictor(rows):
                output.write(json.dumps(answer, ensure_ascii=False) + "\n")
            output.flush()
            number += len(lines)


def _texts(line: str, inputs: tuple[str, ...], place: str) -> list[str]:
    """The texts of a line: itself, or what the tab separates."""
    if len(inputs) == 1:
        return [line]
    texts = line.split("\t")
    if len(texts) != len(inputs):
        problem = f"{len(texts)} fields where {len(inputs)} are expected ({', '.join(inputs)})"
        raise InputError(place, problem, "separate them by one tab")
    return texts


def _fields(line: str, inputs: tuple[str, ...], place: str) -> list[str]:
    """The texts in a JSON object."""
    cure = f"write an object with {', '.join(inputs)}"
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(place, f"not JSON at character {error.colno}", cure) from error
    texts = [row.get(name) if isinstance(row, dict) else None for name in inputs]
    if not all(isinstance(text, str) for text in texts):
        raise InputError(place, f"not an object with the texts {', '.join(inputs)}", cure)
    return texts


def _chunks(source: str) -> Iterator[bytes]:
    """Blocks of a file, or what standard input has to give at the moment."""
    if source == STANDARD_INPUT:
        yield from iter(lambda: os.read(sys.stdin.fileno(), _PIPE_CHUNK), b"")
        return
    with open_bytes(source) as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _output(path: str | None):
    return files.write_beside(path) if path else contextlib.nullcontext(sys.stdout)
