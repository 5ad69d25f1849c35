"""`kortf clean` as a user calls it."""

import json
import pathlib

import pytest

from kortf.cli.main import run

ROOT = pathlib.Path(__file__).parents[3]


@pytest.fixture
def text(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text(
        "봄이 왔다(大韓)😀.\n꽃이 핀다. ㅋㅋㅋㅋㅋㅋㅋ\n\n전화는 010-1234-5678.\n",
        encoding="utf-8",
    )
    return path


def arguments(text, output, *more):
    return ["clean", f"--input={text}", f"--output={output}", "--workers=1", *more]


def written(directory):
    return "".join(p.read_text(encoding="utf-8") for p in sorted(directory.glob("clean-*.txt")))


def test_it_cleans_and_reports(text, tmp_path, capsys):
    out = tmp_path / "out"
    assert run(arguments(text, out)) == 0
    assert written(out) == "봄이 왔다(大韓)😀.\n꽃이 핀다. ㅋㅋㅋㅋㅋ\n\n전화는 [전화번호].\n\n"
    printed = capsys.readouterr().out
    assert "documents: 2 in, 2 out (100.0%)" in printed
    assert "repeats" in printed and "MB/s of input" in printed
    assert json.loads((out / "clean.json").read_text(encoding="utf-8"))["in"]["lines"] == 3
    assert run(arguments(text, out)) == 0
    assert "cleaned already" in capsys.readouterr().err


def test_bad_rows_are_skipped_counted_and_shown(tmp_path, capsys):
    rows = ['{"text": "봄이 왔다. 꽃이 핀다."}', "{", '{"other": 1}', '{"text": "가을이 온다."}']
    (tmp_path / "a.jsonl").write_text("\n".join(rows), encoding="utf-8")
    (tmp_path / "b.csv").write_text("text\n겨울이 지나간다.\n하나,둘\n", encoding="utf-8")
    both = f"{tmp_path}/a.jsonl,{tmp_path}/b.csv"
    assert run(arguments(both, tmp_path / "out")) == 2
    assert "b.csv, line 3" in capsys.readouterr().err and not (tmp_path / "out").exists()
    assert run(arguments(both, tmp_path / "out", "--skip_bad_rows")) == 0
    assert "skipped: 3 rows" in capsys.readouterr().out
    report = json.loads((tmp_path / "out" / "clean.json").read_text(encoding="utf-8"))
    assert report["bad_rows"]["count"] == 3 and report["out"]["documents"] == 3
    assert any("a.jsonl, line 3" in sample for sample in report["bad_rows"]["samples"])
    argv = arguments(f"{tmp_path}/a.jsonl", tmp_path / "more", "--skip_bad_rows")
    assert run([*argv, "--category_field=text"]) == 2


def test_settings_come_from_a_file_and_from_flags(text, tmp_path):
    config = f"--config={ROOT}/configs/clean/lm_kor.py"
    more = [config, "--config.short_lines=0", "--config.length.min_chars=0", "--sentences=none"]
    assert run(arguments(text, tmp_path / "out", *more)) == 0
    assert written(tmp_path / "out") == "봄이 왔다.\n꽃이 핀다. ㅋㅋㅋ\n\n전화는 [전화번호].\n\n"
    assert (
        run(arguments(text, tmp_path / "usual", "--config.remove=hanja", "--sentences=rules")) == 0
    )
    assert written(tmp_path / "usual").startswith("봄이 왔다😀.\n꽃이 핀다.\nㅋㅋㅋㅋㅋ\n")


def test_what_it_writes_is_read_by_other_verbs(text, tmp_path):
    assert run(arguments(text, tmp_path / "out")) == 0
    argv = ["vocab", f"--input={tmp_path}/out/*.txt", f"--output={tmp_path}/vocab", "--size=60"]
    assert run(argv) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("--config.repeat=3", "--config.repeat: the config has no such key; did you mean"),
        ("--config.near.treshold=1", "did you mean '--config.near.threshold'?"),
        ("--config.repeats=many", "--config.repeats=many: invalid literal"),
        ("--config.near.threshold=3", "--config.near.threshold=3.0: must be 0 or 0.1 to 1"),
        ("--config=nowhere.py", "--config=nowhere.py: there is no such file"),
        ("--sentences=kss", "--config.sentences=kss: must be one of none, rules, kiwi"),
        ("--compress=rar", "--compress=rar: there is no such compression; choose one of none"),
        ("--shards=-1", "--shards=-1: must be at least 0"),
        ("--workers=-1", "--workers=-1: must be at least 0"),
        ("--memory_mb=1", "--memory_mb=1: must be at least 64"),
        ("--category_field=kind", "text has no field 'kind'; leave --category_field out"),
        ("--input=nothing*", "--input=nothing*: no file matches"),
        ("--format=pdf", "--format=pdf: unknown format"),
        (
            "--config.boilerplate.patterns=(",
            "boilerplate.patterns[0]: '(' is no regular expression",
        ),
    ],
)
def test_bad_flags_are_one_line(text, tmp_path, capsys, change, words):
    assert run([*arguments(text, tmp_path / "out"), change]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and err.startswith("kortf clean: ")
    assert words in err, err
    assert not (tmp_path / "out").exists()


def test_help_names_no_file_of_this_machine(capsys):
    assert run(["clean", "--help"]) == 0
    assert str(ROOT) not in capsys.readouterr().out
