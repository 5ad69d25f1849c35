"""The progress line."""

import io

from kortf.data.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def advanced(stream):
    progress = Progress("records", 100_000_000, stream)
    progress.advance(30_000_000, 400, 4_000_000)
    progress.advance(20_000_000, 600, 5_000_000)
    return progress


def test_docstring_example():
    assert advanced(io.StringIO()).line(2) == (
        "records 50 %, 25.0 MB/s, 1,000 documents, 9.0M tokens, 2 s left"
    )


def test_units_of_time_and_unknown_ends():
    assert advanced(io.StringIO()).line(90).endswith("1 min 30 s left")
    assert advanced(io.StringIO()).line(7200).endswith("2 h 0 min left")
    unknown = Progress("unpacking", 0, io.StringIO())
    unknown.advance(10_000_000)
    assert unknown.line(2) == "unpacking, 5.0 MB/s"
    assert Progress("records", 10, io.StringIO()).line(0) == "records 0 %, 0.0 MB/s"


def test_a_terminal_has_one_line_and_a_file_has_lines(monkeypatch):
    seconds = iter(range(0, 100_000, 60))
    monkeypatch.setattr("kortf.data.progress.time.monotonic", lambda: next(seconds))
    terminal, file = Terminal(), io.StringIO()
    advanced(terminal).close()
    advanced(file).close()
    assert terminal.getvalue().count("\r") == 4 and "\n" not in terminal.getvalue()
    assert terminal.getvalue().endswith(" \r")
    assert "[############............] records 50 %" in terminal.getvalue()
    assert "#" not in file.getvalue()
    assert file.getvalue().count("\n") == 2 and "\r" not in file.getvalue()


def test_nothing_is_shown_too_often(monkeypatch):
    monkeypatch.setattr("kortf.data.progress.time.monotonic", lambda: 0.0)
    file = io.StringIO()
    advanced(file).close()
    assert file.getvalue() == ""
