"""`kortf records` as a user calls it."""

import os
import signal
import subprocess
import sys
import time

import pytest

from kortf.cli.main import run
from kortf.data.records.records import read_info
from tests.harness.data.fixtures import in_process  # noqa: F401

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", ".", "가", "나", "##가", "##나"]


@pytest.fixture
def vocabulary(tmp_path):
    directory = tmp_path / "vocab"
    directory.mkdir()
    (directory / "vocab.txt").write_text("\n".join(PIECES) + "\n", encoding="utf-8")
    return directory


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("가나 가가. 나.\n\n나가 나.\n" * 200, encoding="utf-8")
    return path


def arguments(text, vocabulary, output, *more):
    return ["records", f"--input={text}", f"--vocab={vocabulary}", f"--output={output}", *more]


def refusal(capsys, argv):
    assert run(argv) == 2
    captured = capsys.readouterr()
    assert captured.err.count("\n") == 1, captured.err
    assert captured.err.startswith("kortf records: ")
    return captured.err


@pytest.mark.usefixtures("in_process")
def test_it_reports_what_it_made(text, vocabulary, tmp_path, capsys):
    argv = arguments(text, vocabulary, tmp_path / "out", "--seq_length=16", "--shards=2")
    assert run([*argv, "--workers=1"]) == 0
    info = read_info(str(tmp_path / "out"))
    out = capsys.readouterr().out
    assert "1 file(s), 0.0 MB, text: a sentence a line" in out
    assert f"{info.records:,} records of up to 16 tokens in 2 files" in out
    assert f"{info.documents:,} documents" in out
    # Once more: there is nothing to do, and no worker is started for it.
    assert run(argv) == 0
    assert "complete already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (["--seq_length=7"], ["--seq_length=7", "at least 8"]),
        (["--pairing=both"], ["--pairing=both", "sentence_order"]),
        (["--format=pdf"], ["--format=pdf", "unknown format"]),
        (["--input=nothing*.txt"], ["--input=nothing*.txt", "no file matches"]),
        (["--vocab=nowhere"], ["nowhere", "no such directory"]),
        (["--shards=many"], ["shards"]),
        (["--workers=-1"], ["--workers=-1", "at least 0"]),
    ],
)
def test_bad_flags(text, vocabulary, tmp_path, capsys, changes, words):
    message = refusal(capsys, [*arguments(text, vocabulary, tmp_path / "out"), *changes])
    assert all(word in message for word in words), message
    assert not (tmp_path / "out").exists()


def test_a_vocabulary_of_another_kind(text, vocabulary, tmp_path, capsys):
    (vocabulary / "vocab.txt").rename(vocabulary / "spiece.model")
    message = refusal(capsys, arguments(text, vocabulary, tmp_path / "out"))
    assert "spiece.model" in message and "not a SentencePiece model" in message


@pytest.mark.exhaustive
def test_a_changed_vocabulary(text, vocabulary, tmp_path, capsys):
    argv = arguments(text, vocabulary, tmp_path / "out", "--shards=1", "--workers=1")
    assert run(argv) == 0
    capsys.readouterr()
    with open(vocabulary / "vocab.txt", "a", encoding="utf-8") as file:
        file.write("다\n")
    assert "other text, vocabulary or settings" in refusal(capsys, argv)


@pytest.mark.usefixtures("in_process")
def test_it_can_be_killed_and_goes_on(text, vocabulary, tmp_path):
    """The whole process group is killed at the first finished shard, as a machine would be."""
    text.write_bytes(text.read_bytes() * 100)
    out = tmp_path / "out"
    argv = arguments(text, vocabulary, out, "--shards=8")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    command = [sys.executable, "-m", "kortf", *argv]
    process = subprocess.Popen(command, start_new_session=True, **quiet)
    while process.poll() is None and not list(out.glob("*.tfrecord")):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (out / "records.json").exists()
    done = {path: path.stat().st_mtime_ns for path in out.glob("*.tfrecord")}
    assert 0 < len(done) < 8
    assert run(argv) == 0
    assert run(arguments(text, vocabulary, tmp_path / "clean", "--shards=8")) == 0
    assert done == {path: path.stat().st_mtime_ns for path in done}
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {
        p.name: p.read_bytes() for p in (tmp_path / "clean").iterdir()
    }


@pytest.mark.exhaustive
def test_ctrl_c_ends_all_processes(text, vocabulary, tmp_path):
    text.write_bytes(text.read_bytes() * 600)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "kortf", *arguments(text, vocabulary, out, "--shards=64")]
    process = subprocess.Popen(
        command,
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
        # A shell starts background jobs deaf to Ctrl-C, and their children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    while process.poll() is None and not list(out.glob("*.tfrecord")):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err and "interrupted" in err.splitlines()[-1]
    assert not list(out.glob("*.tmp")) and not list(out.glob(".*.tmp"))
    for _ in range(200):
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("a process is still there")
