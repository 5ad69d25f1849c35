"""The command `kortf vocab`."""

import json

import pytest

from kortf.cli.main import run_verb
from kortf.cli.vocabularies import comparison
from kortf.text.vocabulary.loading import load_vocabulary
from tests.harness.text.korean import random_documents


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "corpus.txt"
    path.write_text("".join(f"{line}\n\n" for [line] in random_documents(200)))
    return path


def fails(capsys, *argv):
    """The one line on stderr of a call that ends with status 2."""
    assert run_verb("vocab", argv) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error.strip().split("\n")[-1]


def test_writes_a_vocabulary_and_a_report(corpus, tmp_path, capsys):
    output = tmp_path / "vocab"
    argv = [f"--input={corpus}", f"--output={output}", "--size=300", "--unused=4", "--lowercase"]
    assert run_verb("vocab", argv) == 0
    vocabulary = load_vocabulary(str(output))
    assert vocabulary.size == 300 and vocabulary.lowercase
    assert vocabulary.pieces[5:9] == ["[unused0]", "[unused1]", "[unused2]", "[unused3]"]
    names = sorted(path.name for path in output.iterdir())
    assert names == ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab_report.json"]
    report = json.loads((output / "vocab_report.json").read_text())
    assert report["fingerprint"] == vocabulary.fingerprint
    assert report["held_back"]["documents"] == 4
    out, err = capsys.readouterr()
    assert out.startswith("300 pieces (wordpiece)") and "pieces per eojeol" in out
    assert "counting characters" in err and "finding pieces" in err


def test_sentencepiece_of_jsonl(tmp_path):
    path = tmp_path / "corpus.jsonl"
    lines = [json.dumps({"body": line}) for [line] in random_documents(300)]
    path.write_text("\n".join(lines))
    argv = [f"--input={path}", f"--output={tmp_path}", "--size=120", "--type=sentencepiece"]
    assert run_verb("vocab", [*argv, "--model=bpe", "--text_fields=body"]) == 0
    vocabulary = load_vocabulary(str(tmp_path))
    assert (vocabulary.kind, vocabulary.size) == ("sentencepiece", 120)


def test_bad_input(corpus, tmp_path, capsys):
    output = f"--output={tmp_path / 'vocab'}"
    given = f"--input={corpus}"
    nothing = f"--input={tmp_path}/nothing-*"
    assert "nothing-*: no file matches;" in fails(capsys, nothing, output)
    assert "--type=wordpeice: " in fails(capsys, given, output, "--type=wordpeice")
    assert "--size=10: too small" in fails(capsys, given, output, "--size=10", "--unused=3")
    assert "--size=20: room for" in fails(capsys, given, output, "--size=20")
    (tmp_path / "empty.txt").write_text("")
    assert "empty.txt: " in fails(capsys, f"--input={tmp_path}/empty.txt", output)
    (tmp_path / "bad.txt").write_bytes("가나\n".encode() + b"\xff\xfe\n")
    assert "bad.txt, byte 7: " in fails(capsys, f"--input={tmp_path}/bad.txt", output)
    assert "output" in fails(capsys, given)
    assert not (tmp_path / "vocab" / "vocab.txt").exists()


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "records.json", "clean.json"])
def test_directories_of_another_kind_are_refused(corpus, tmp_path, capsys, name):
    output = tmp_path / "other"
    output.mkdir()
    (output / name).write_text("{}")
    assert f"--output={output}: " in fails(capsys, f"--input={corpus}", f"--output={output}")
    assert [path.name for path in output.iterdir()] == [name]


def test_a_failure_leaves_no_directory(corpus, tmp_path, capsys, monkeypatch):
    output = tmp_path / "new"
    argv = [f"--input={corpus}", f"--output={output}", "--size=300"]
    monkeypatch.setattr("kortf.files.write_json", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_verb("vocab", argv)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]
    corpus.write_text("")
    fails(capsys, *argv)
    assert [path.name for path in tmp_path.iterdir()] == ["corpus.txt"]


def test_a_vocabulary_is_replaced_as_a_whole(corpus, tmp_path, monkeypatch):
    output = tmp_path / "v"
    argv = [f"--input={corpus}", f"--output={output}"]
    assert run_verb("vocab", [*argv, "--size=300"]) == 0
    (output / "notes.txt").write_text("mine")
    before = {path.name: path.read_bytes() for path in output.iterdir()}
    with monkeypatch.context() as patch:
        patch.setattr("kortf.cli.vocab.files.write_json", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_verb("vocab", [*argv, "--size=200"])
    assert {path.name: path.read_bytes() for path in output.iterdir()} == before
    assert run_verb("vocab", [*argv, "--size=100", "--type=sentencepiece"]) == 0
    names = {path.name for path in output.iterdir()}
    assert "spiece.model" in names and "vocab.txt" not in names and "notes.txt" in names
    assert load_vocabulary(output).size == 100


def test_a_file_of_the_former_vocabulary_does_not_stay(corpus, tmp_path, monkeypatch):
    output = tmp_path / "v"
    argv = [f"--input={corpus}", f"--output={output}", "--size=300"]
    assert run_verb("vocab", argv) == 0 and (output / "tokenizer.json").exists()

    def no_twin(vocabulary):
        raise ValueError

    monkeypatch.setattr("kortf.text.vocabulary.twin.to_tokenizers", no_twin)
    assert run_verb("vocab", argv) == 0 and not (output / "tokenizer.json").exists()


def test_home_directory_is_expanded(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert run_verb("vocab", [f"--input={corpus}", "--output=~/v", "--size=300"]) == 0
    assert load_vocabulary(tmp_path / "v").size == 300


def test_no_piece_that_no_word_contains(corpus, tmp_path):
    long = "ㅋ" * 300 + " " + "a" * 101 + "," + "b" * 100 + " " + "가나" * 500_000
    corpus.write_text(f"{long}\n\n" * 3 + corpus.read_text())
    output = tmp_path / "v"
    assert run_verb("vocab", [f"--input={corpus}", f"--output={output}", "--size=600"]) == 0
    pieces = [piece.removeprefix("##") for piece in load_vocabulary(output).pieces]
    assert max(map(len, pieces)) <= 100
    assert any(set(piece) == {"b"} and len(piece) > 10 for piece in pieces)
    assert not any(set(piece) == {"a"} and len(piece) > 5 for piece in pieces)


class Analyser:
    """Every second character begins a morpheme; Kiwi itself takes seconds to load."""

    def __init__(self, place, threads):
        pass

    def morpheme_starts(self, lines):
        return (set(range(0, len(line), 2)) for line in lines)


def test_vocabularies_are_compared(corpus, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(comparison, "Kiwi", Analyser)
    for size in (200, 400):
        argv = [f"--input={corpus}", f"--output={tmp_path}/{size}", f"--size={size}"]
        assert run_verb("vocab", argv) == 0
    questions = tmp_path / "questions.json"
    answers = [{"text": "세종", "answer_start": 0}]
    paragraph = {"context": "세종대왕이 왔다.", "qas": [{"answers": answers}]}
    questions.write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}), encoding="utf-8")
    capsys.readouterr()
    both = f"--compare={tmp_path}/200,{tmp_path}/400"
    assert run_verb("vocab", [both, f"--input={corpus}", f"--questions={questions}"]) == 0
    header, small, large = capsys.readouterr().out.splitlines()
    assert (
        "[UNK]" in header
        and "morpheme F1" in header
        and "per eojeol" in header
        and "answers" in header
    )
    assert small.startswith(f"{tmp_path}/200") and large.startswith(f"{tmp_path}/400")
    column = header.split()[1:].index("per") + 1
    assert float(small.split()[column]) > float(large.split()[column])
    for more in ([f"--output={tmp_path}/x"], [f"--questions={corpus}"]):
        assert (
            "--output" in fails(capsys, both, f"--input={corpus}", *more)
            or "--questions" in more[0]
        )
    assert "--output" in fails(capsys, f"--input={corpus}")
