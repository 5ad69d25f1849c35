"""The table at the end of a verb: on a terminal only; written files and the next command."""

import importlib
import io
import os
import re
import sys
import time

import pytest
from absl import flags

from kortf.cli.main import run_verb, verbs
from kortf.cli.sample import NEXT
from kortf.cli.terminal.end_table import (
    WITHOUT_TABLE,
    end_table,
    print_end_table,
    size,
    written_rows,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_the_table(tmp_path, monkeypatch):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert run_verb("sample", [f"--output={tmp_path}/s"]) == 0
    shown = terminal.getvalue()
    assert re.search(rf"written +{tmp_path}/s/klue +\d+ files? +[\d.]+ .B", shown)
    assert re.search(r"time +[\d.]+ s\n", shown)
    assert NEXT.format(output=f"{tmp_path}/s") in shown


def test_a_log_gets_none(tmp_path, capsys):
    assert run_verb("sample", [f"--output={tmp_path}/s"]) == 0
    assert "written" not in capsys.readouterr().err


def test_only_files_of_this_run_are_counted(tmp_path):
    old, new = tmp_path / "old", tmp_path / "model" / "new"
    new.parent.mkdir()
    for path in (old, new):
        path.write_bytes(b"12345")
    os.utime(old, (1, 1))
    rows = written_rows([str(tmp_path)], time.time() - 60)
    assert rows == [(str(tmp_path / "model"), 1, 5)]


def test_many_files_are_one_row(tmp_path):
    for i in range(20):
        (tmp_path / f"records-{i}").write_bytes(b"1")
    assert written_rows([str(tmp_path)], 0) == [(str(tmp_path), 20, 20)]


def test_examples_of_the_docstrings():
    assert end_table([("runs/vocab", 4, 93_000)], 12.3, "kortf records") == [
        "written  runs/vocab  4 files  93.0 kB",
        "time     12 s",
        "next     kortf records",
    ]
    assert (size(3_773_248), size(512)) == ("3.8 MB", "512 B")


def test_every_verb_ends_with_a_table_and_names_its_own_flags():
    for verb in verbs():
        module = importlib.import_module(f"kortf.cli.{verb}")
        values = flags.FlagValues()
        module.define(values, [f"kortf {verb}"])
        command = getattr(module, "NEXT", "")
        assert command.split()[:1] in ([], ["open"], ["kortf"])
        assert not command.startswith("kortf") or command.split()[1] in verbs()
        named = re.findall(r"{(\w+)}", command + getattr(module, "WRITTEN", ""))
        assert set(named) <= set(values), verb
    assert set(WITHOUT_TABLE) <= set(verbs())


@pytest.mark.parametrize("verb", ["evaluate", "report", "predict", "push", "doctor", "finetune"])
def test_verbs_that_write_to_other_places_have_one_too(verb, monkeypatch, tmp_path):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    module = importlib.import_module(f"kortf.cli.{verb}")
    values = flags.FlagValues()
    module.define(values, [f"kortf {verb}"])
    given = {"model": "runs/m", "repo": "a/b", "output": str(tmp_path / "new"), "dry_run": True}
    given = {name: value for name, value in given.items() if name in values}
    if verb in ("predict", "push"):
        given.pop("output", None), given.pop("dry_run", None)
    for name, value in given.items():
        values[name].value = value
    print_end_table(module, values, time.time())
    lines = terminal.getvalue().splitlines()
    shown = {
        "evaluate": ["nothing new", "kortf export --model=runs/m --output=DIR"],
        "report": ["nothing new", f"open {tmp_path}/new/index.html"],
        "predict": ["standard output", "kortf serve --model=NAME=runs/m"],
        "push": ["a/b on the hub", "kortf download model a/b --output=DIR"],
        "doctor": ["standard output", "kortf sample --output=runs/data"],
        "finetune": [
            "nothing, this was a dry run",
            "kortf finetune with the same flags, without --dry_run",
        ],
    }[verb]
    assert [lines[0][9:], lines[2][9:]] == shown and lines[1].startswith("time ")
