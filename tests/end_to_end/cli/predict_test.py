"""kortf predict, from the command line."""

import gzip
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from kortf.cli.main import run_verb


def test_one_answer_a_line_in_order(finetuned_dir, saved_model_dir, tmp_path, capsys):
    texts = ["정말 재미있는 영화였다.", "", "가" * 500, "별로 \t 였다", "최고"]
    (tmp_path / "in.txt").write_text("\r\n".join(texts) + "\r\n", encoding="utf-8")
    rows = "id,document,label\n" + "".join(f'7,"{text}",1\n' for text in texts)
    (tmp_path / "in.csv.gz").write_bytes(gzip.compress(rows.encode("cp949")))
    assert run_verb("predict", [f"--model={saved_model_dir}", f"--input={tmp_path}/in.txt"]) == 0
    answers = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [answer["text"] for answer in answers] == texts
    output = tmp_path / "out.jsonl"
    argv = [f"--model={finetuned_dir}", f"--input={tmp_path}/in.csv.gz", f"--output={output}"]
    assert run_verb("predict", [*argv, "--batch_size=2", "--encoding=cp949"]) == 0
    again = [json.loads(line) for line in output.read_text(encoding="utf-8").splitlines()]
    assert [answer["label"] for answer in again] == [answer["label"] for answer in answers]
    assert "재미있는" in output.read_text(encoding="utf-8")


def test_standard_input_is_answered_at_once(saved_model_dir, monkeypatch):
    """The answer to a line comes before the next line is written."""
    (given, questions), (answers, found) = os.pipe(), os.pipe()
    argv = [f"--model={saved_model_dir}", "--input=-"]
    monkeypatch.setattr(sys, "stdin", open(given, encoding="utf-8"))
    monkeypatch.setattr(sys, "stdout", output := open(found, "w", encoding="utf-8"))
    with (
        ThreadPoolExecutor(1) as pool,
        open(questions, "w", encoding="utf-8") as questions,
        open(answers, encoding="utf-8") as answers,
    ):
        status = pool.submit(run_verb, "predict", argv)
        status.add_done_callback(lambda _: output.close())  # ends the wait for an answer
        for text in ("정말 재미있다", "지루하다"):
            questions.write(f"{text}\n")
            questions.flush()
            assert json.loads(answers.readline())["text"] == text
        questions.close()
        assert status.result() == 0


@pytest.mark.exhaustive  # as above, by a process
def test_standard_input_is_answered_at_once_by_a_process(saved_model_dir):
    """The answer to a line comes before the next line is written."""
    command = [sys.executable, "-m", "kortf", "predict", f"--model={saved_model_dir}", "--input=-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for text in ("정말 재미있다", "지루하다"):
            process.stdin.write(f"{text}\n".encode())
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["text"] == text
        process.stdin.close()
        assert process.wait() == 0


def test_faults_are_one_line_and_leave_no_output(saved_model_dir, tmp_path, capsys):
    def fails(words, source):
        output = tmp_path / "out.jsonl"
        argv = [f"--model={saved_model_dir}", f"--input={source}", f"--output={output}"]
        assert run_verb("predict", argv) == 2
        error = capsys.readouterr().err
        assert error.count("\n") == 1 and words in error
        assert not output.exists()

    fails("no such file", tmp_path / "absent")
    (tmp_path / "empty").write_bytes(b"")
    fails("empty", tmp_path / "empty")
    (tmp_path / "korean").write_bytes("첫 줄\n".encode() + "둘째\n".encode("cp949"))
    fails("line 2, byte 0: not UTF-8", tmp_path / "korean")
    (tmp_path / "broken.gz").write_bytes(gzip.compress(b"x\n" * 1000)[:-9])
    fails("cannot be unpacked", tmp_path / "broken.gz")


def test_bad_rows_are_left_out_and_counted(saved_model_dir, tmp_path, capsys):
    source, output = tmp_path / "in.tsv", tmp_path / "out.jsonl"
    argv = [f"--model={saved_model_dir}", f"--input={source}", f"--output={output}"]
    rows = ["id\ttext", "1\t좋다", "2", "3\t별로"]
    source.write_bytes("\n".join(rows).encode() + b"\n4\t\xb0\xa1\n")
    assert run_verb("predict", argv) == 2 and not output.exists()
    capsys.readouterr()
    assert run_verb("predict", [*argv, "--skip_bad_rows"]) == 0
    answers = [json.loads(line)["text"] for line in output.read_text().splitlines()]
    error = capsys.readouterr().err
    assert answers == ["좋다", "별로"]
    assert "skipped: 2 rows" in error and "line 3" in error and "line 5" in error
    source.write_text("id\ttext\n1\n2\n")
    output.unlink()
    assert run_verb("predict", [*argv, "--skip_bad_rows"]) == 2 and not output.exists()
