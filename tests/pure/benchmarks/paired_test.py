"""Rivals run in processes of their own, in turns."""

import json
import pathlib
import subprocess
import sys

from benchmarks.paired import ratio, table

ROOT = pathlib.Path(__file__).parents[3]
PROGRAM = """
import json, os, sys
from benchmarks.paired import take_turns

log = sys.argv[1]

def work(name):
    def run():
        with open(log, "a") as file:
            file.write(json.dumps([name, os.getpid()]) + chr(10))
    return run

first = take_turns({name: work(name) for name in ("a", "b")}, 1, warmup=0)
open(log, "w").close() if "KORTF_BENCHMARK_RIVAL" not in os.environ else None
times = take_turns({name: work(name) for name in ("a", "b")}, 3)
print(json.dumps([os.getpid(), times]))
"""


def test_each_rival_has_a_process_and_they_alternate(tmp_path):
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), str(log)]
    environment = {"PYTHONPATH": str(ROOT), "PATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    leader, times = json.loads(done.stdout)
    assert {name: len(values) for name, values in times.items()} == {"a": 3, "b": 3}
    turns = [json.loads(line) for line in log.read_text().splitlines()][-8:]
    assert [name for name, _ in turns] == ["b", "a", "a", "b", "b", "a", "a", "b"]
    processes = {name: {pid for each, pid in turns if each == name} for name in "ab"}
    assert len(processes["a"]) == len(processes["b"]) == 1
    assert len(processes["a"] | processes["b"] | {leader}) == 3


def run(program):
    """Run a program that imports the benchmarks."""
    command, environment = [sys.executable, str(program)], {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def test_a_rival_that_fails_ends_the_comparison(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "from benchmarks.paired import take_turns\n"
        "take_turns({'a': lambda: None, 'b': lambda: 1 / 0}, 2)\n"
    )
    done = run(program)
    assert done.returncode != 0 and "ZeroDivisionError" in done.stderr


def test_a_rival_that_takes_too_long_is_ended(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import time\n"
        "from benchmarks.paired import table, take_turns\n"
        "rivals = {'a': lambda: None, 'b': lambda: time.sleep(600)}\n"
        "print(table(take_turns(rivals, 2, limit=1.0), 'a'))\n"
    )
    done = run(program)
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()[2:]
    assert first.startswith("| a | ") and first.endswith("| 1.00 |")
    assert second == "| b | ended: a turn was too long | | | |"
    assert "round 1 of 3, b: ended, over 1 s" in done.stderr.splitlines()
    assert len([line for line in done.stderr.splitlines() if ", a: " in line]) == 3


def test_ratio_and_table():
    times = {"ours": [1.0, 2.0, 1.0], "theirs": [2.0, 3.0, 3.0]}
    assert ratio(times, "ours", "theirs") == 2.0
    assert table(times, "ours").splitlines()[-1] == "| theirs | 3 | 2 | 3 | 2.00 |"
