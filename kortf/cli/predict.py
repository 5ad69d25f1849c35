"""Answer texts with a model directory or a SavedModel; JSON lines out.

  kortf predict --model=saved_model --input=reviews.txt --output=answers.jsonl
  echo '정말 재미있는 영화였다' | kortf predict --model=runs/nsmc/model --input=-
  kortf predict --model=runs/nsmc/model --input=ratings_test.txt   # a table with a header

One answer for each text, in order. The input is a text a line; a table of tab-separated fields
whose header names the texts (--text_fields; ids and labels are not read); or `.jsonl`, an object a
line, such as `{"question": …, "context": …}`. Without a header, the texts of a model that takes two
are separated by a tab.
"""

import contextlib
import json
import os
import sys
from collections.abc import Iterator

from absl import flags

from kortf import files
from kortf.cli._waiting import Counter, waiting
from kortf.cli.export import define_options, options_of
from kortf.data.corpus.compression import open_bytes
from kortf.errors import InputError

STANDARD_INPUT = "-"
_CHUNK = 1 << 20
_PIPE_CHUNK = 1 << 16
_CHECKED = 1000  # rows whose unknown pieces are counted


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf predict`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory or SavedModel", **of)
    define_input(flag_values)
    flags.DEFINE_list(
        "text_fields", [], "columns or JSON fields of the texts, commas between", **of
    )
    flags.DEFINE_boolean("allow_unknown", False, "answer texts that are mostly [UNK] too", **of)
    define_options(flag_values)
    flags.mark_flags_as_required(["model", "input"], flag_values)


def define_input(flag_values: flags.FlagValues) -> None:
    """Define the flags of verbs that answer the texts of a file."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string(
        "input", None, "file of texts, may be compressed; - is standard input", **of
    )
    flags.DEFINE_string("output", None, "file for the answers; standard output if not given", **of)
    flags.DEFINE_integer("batch_size", 32, "rows that are computed together", lower_bound=1, **of)


def main(flag_values: flags.FlagValues) -> None:
    """Answer all rows."""
    check_input(flag_values.input)
    options = options_of(flag_values)

    from kortf.export.predictor import Predictor

    with waiting(f"loading {flag_values.model}"):
        predictor = Predictor(flag_values.model, flag_values.batch_size, options)
    trained = predictor.description.get("fields", ())
    place, blocks = read_rows(flag_values.input, predictor.inputs, flag_values.text_fields, trained)
    counter, first, step = Counter("rows"), True, 16 * flag_values.batch_size
    with open_output(flag_values.output) as output:
        for rows in blocks:
            if first:
                _check_unknown(predictor, rows[:_CHECKED], place, flag_values.allow_unknown)
                first = False
            for begin in range(0, len(rows), step):
                batch = rows[begin : begin + step]
                for answer in predictor(batch):
                    output.write(json.dumps(answer, ensure_ascii=False) + "\n")
                output.flush()
                counter.add(len(batch))
    counter.close()


def check_input(source: str) -> None:
    """Refuse an input that is not there, before TensorFlow is imported."""
    if source != STANDARD_INPUT and not files.exists(source):
        raise InputError(source, "no such file", "check the path, or give - for standard input")
    if source != STANDARD_INPUT and os.path.isdir(source):
        raise InputError(source, "is a directory", "name a file of texts")


def read_rows(source: str, inputs, fields=(), trained=()) -> tuple[str, Iterator[list[list[str]]]]:
    """Return the name of the input, and its rows of texts in blocks."""
    from kortf.export.rows_of_files import RowReader
    from kortf.lines import windows

    place = "standard input" if source == STANDARD_INPUT else source
    reader = RowReader(place, inputs, fields, trained)

    def blocks():
        number, told = 0, False
        for lines in windows(_chunks(source), place):
            rows = list(reader.rows(lines, number + 1))
            if reader.note and not told:
                print(reader.note, file=sys.stderr)
                told = True
            number += len(lines)
            if rows:
                yield rows

    return place, blocks()


def open_output(path: str | None):
    """Open the file of answers, or standard output."""
    return files.write_beside(path) if path else contextlib.nullcontext(sys.stdout)


def _check_unknown(predictor, rows: list[list[str]], place: str, allow: bool) -> None:
    counter = predictor.count_unknown(rows)
    if counter is None:
        return
    counter.check(place, allow)
    warning = counter.warning()
    if warning:
        print(f"{place}: {warning}", file=sys.stderr)


def _chunks(source: str) -> Iterator[bytes]:
    """Blocks of a file, or what standard input holds at the moment."""
    if source == STANDARD_INPUT:
        yield from iter(lambda: os.read(sys.stdin.fileno(), _PIPE_CHUNK), b"")
        return
    with open_bytes(source) as file:
        yield from iter(lambda: file.read(_CHUNK), b"")
