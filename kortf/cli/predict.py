"""Answer texts with a model directory or a SavedModel; JSON lines out.

  kortf predict --model=saved_model --input=reviews.txt --output=answers.jsonl
  echo '정말 재미있는 영화였다' | kortf predict --model=runs/nsmc/model --input=-
  kortf predict --model=runs/nsmc/model --input=ratings_test.txt   # a table with a header

One answer for each text, in order. The input is one of

  a text a line; for a model that takes two texts, separated by a tab;
  a table with a header: tab-separated, CSV, parquet, Arrow or xlsx;
  JSON lines or a JSON array of objects such as {"question": …, "context": …}.

Columns are chosen by --text_fields, or by the names of the model's training data or of published
files; ids and labels are not read. --encoding=cp949 reads what Excel writes.
"""

import contextlib
import itertools
import json
import os
import sys
from collections.abc import Iterator

from absl import flags

from kortf import files
from kortf.cli.export import define_options, options_of
from kortf.cli.flags.input import define_encoding, describe_skipped
from kortf.cli.terminal.waiting import Counter, waiting
from kortf.data.corpus.encoding import Transcoded, settle_encoding
from kortf.data.reader import BadRows
from kortf.errors import InputError
from kortf.lines import decode, split

STANDARD_INPUT = "-"
_CHUNK = 1 << 20
_PIPE_CHUNK = 1 << 16
_BLOCK_ROWS = 4096
CHECKED = 1000  # rows whose unknown pieces are counted
# Command that usually follows, with values of flags.
NEXT = "kortf serve --model=NAME={model}"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf predict`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("model", None, "model directory or SavedModel", **of)
    define_input(flag_values)
    flags.DEFINE_list(
        "text_fields", [], "columns or JSON fields of the texts, separated by commas", **of
    )
    flags.DEFINE_boolean("allow_unknown", False, "answer texts that are mostly [UNK] too", **of)
    flags.DEFINE_boolean(
        "skip_bad_rows", False, "leave out rows that cannot be read; they are counted", **of
    )
    define_options(flag_values)
    flags.mark_flags_as_required(["model", "input"], flag_values)


def define_input(flag_values: flags.FlagValues) -> None:
    """Define the flags of verbs that answer the texts of a file."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string(
        "input", None, "file of texts, may be compressed; - is standard input", **of
    )
    define_encoding(flag_values)
    flags.DEFINE_string("output", None, "file for the answers; standard output if not given", **of)
    flags.DEFINE_integer("batch_size", 32, "rows that are computed together", lower_bound=1, **of)


def main(flag_values: flags.FlagValues) -> None:
    """Answer all rows."""
    check_input(flag_values.input)
    options = options_of(flag_values)

    from kortf.cores import one_core_an_operation
    from kortf.export.predictor import Predictor

    if flag_values.input != STANDARD_INPUT:  # many rows
        one_core_an_operation()
    with waiting(f"loading {flag_values.model}"):
        predictor = Predictor(flag_values.model, flag_values.batch_size, options)
    trained = predictor.description.get("fields", ())
    bad_rows = BadRows(flag_values.skip_bad_rows)
    place, blocks = read_rows(flag_values, predictor.inputs, trained, bad_rows)
    counter, first, step = Counter("rows"), True, 16 * flag_values.batch_size
    with open_output(flag_values.output) as output:
        for rows in blocks:
            if first:
                check_unknown(predictor, rows[:CHECKED], place, flag_values.allow_unknown)
                first = False
            for begin in range(0, len(rows), step):
                batch = rows[begin : begin + step]
                for answer in predictor(batch):
                    output.write(json.dumps(answer, ensure_ascii=False) + "\n")
                output.flush()
                counter.add(len(batch))
        if first and bad_rows.count:
            problem = f"none of {bad_rows.count:,} rows can be read ({bad_rows.samples[0]})"
            raise InputError(place, problem, "correct the rows, or name other --text_fields")
    counter.close()
    for line in describe_skipped(bad_rows.to_json()):
        print(line, file=sys.stderr)


def check_input(source: str) -> None:
    """Refuse an input that is not there, before TensorFlow is imported."""
    if source != STANDARD_INPUT and not files.exists(source):
        raise InputError(source, "no such file", "check the path, or give - for standard input")
    if source != STANDARD_INPUT and os.path.isdir(source):
        raise InputError(source, "is a directory", "name a file of texts")


def read_rows(
    flag_values, inputs, trained=(), bad_rows: BadRows | None = None
) -> tuple[str, Iterator[list[list[str]]]]:
    """Return the name of the input, and its rows of texts in blocks.

    Args:
        flag_values: Flags `input`, `text_fields` and `encoding`.
        inputs: Names of the model's texts.
        trained: Columns that the model was trained on.
        bad_rows: Told of rows that cannot be read; by default they are refused.
    """
    from kortf.data.tables import Table
    from kortf.export.rows_of_files import RowReader

    source, encoding = flag_values.input, flag_values.encoding
    named = (inputs, flag_values.text_fields, trained, (bad_rows or BadRows()).report)
    if source == STANDARD_INPUT:
        reader = RowReader("standard input", *named)
        blocks = _rows_of_lines(reader, _standard_input(encoding))
    else:
        table = Table.open(source, encoding)
        reader = RowReader(source, *named)
        if table.reader is None:
            blocks = _rows_of_lines(reader, _chunks(table.source))
        else:
            blocks = _batched(reader.cells(table.rows()), _BLOCK_ROWS)
    return reader.name, _with_note(reader, blocks)


def _rows_of_lines(reader, chunks: Iterator[bytes]) -> Iterator[list[list[str]]]:
    number = 0
    for lines in split(chunks):
        decoded = [_decoded(line, f"{reader.name}, line {number + i}")
                   for i, line in enumerate(lines, 1)]  # fmt: skip
        yield list(reader.rows(decoded, number + 1))
        number += len(lines)
    if not number:
        raise InputError(reader.name, "is empty", "write one text a line")


def _decoded(line: bytes, place: str) -> str | InputError:
    try:
        return decode(line, place)
    except InputError as error:
        return error


def _batched(rows: Iterator[list[str]], size: int) -> Iterator[list[list[str]]]:
    while block := list(itertools.islice(rows, size)):
        yield block


def _with_note(reader, blocks: Iterator[list[list[str]]]) -> Iterator[list[list[str]]]:
    """Yield blocks that are not empty; print which columns are read before the first."""
    told = False
    for rows in blocks:
        if reader.note and not told:
            print(reader.note, file=sys.stderr)
            told = True
        if rows:
            yield rows


def open_output(path: str | None):
    """Open the file of answers, or standard output."""
    return files.write_beside(path) if path else contextlib.nullcontext(sys.stdout)


def check_unknown(predictor, rows: list[list[str]], place: str, allow: bool) -> None:
    """Warn of rows with unknown pieces; refuse them if most pieces are unknown."""
    counter = predictor.count_unknown(rows)
    if counter is None:
        return
    counter.check(place, allow)
    warning = counter.warning()
    if warning:
        print(f"{place}: {warning}", file=sys.stderr)


def _chunks(source) -> Iterator[bytes]:
    with source.open() as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


def _standard_input(encoding: str) -> Iterator[bytes]:
    """Yield what standard input holds at the moment, as UTF-8."""
    chunks = iter(lambda: os.read(sys.stdin.fileno(), _PIPE_CHUNK), b"")
    first = next(chunks, b"")
    settled = settle_encoding(first, encoding, "standard input")
    chunks = itertools.chain([first] if first else [], chunks)
    if settled == "utf-8":
        return chunks
    return Transcoded(_Chunks(chunks), settled, "standard input").chunks()


class _Chunks:
    """A stream of chunks, each of which one call of `read` returns."""

    def __init__(self, chunks: Iterator[bytes]):
        self._chunks = chunks

    def read(self, size: int = -1) -> bytes:
        del size
        return next(self._chunks, b"")
