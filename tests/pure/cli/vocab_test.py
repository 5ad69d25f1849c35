"""The command `kortf vocab`."""

import json

import pytest

from kortf.cli.main import run_verb
from kortf.text.vocabulary.vocabulary import load_vocabulary
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
    assert "--type=wordpeice: there is no such" in fails(capsys, given, output, "--type=wordpeice")
    assert "--size=10: too small" in fails(capsys, given, output, "--size=10", "--unused=3")
    assert "--size=20: room for" in fails(capsys, given, output, "--size=20")
    (tmp_path / "empty.txt").write_text("")
    assert "empty.txt: " in fails(capsys, f"--input={tmp_path}/empty.txt", output)
    (tmp_path / "bad.txt").write_bytes("가나\n".encode() + b"\xff\xfe\n")
    assert "bad.txt, byte 7: " in fails(capsys, f"--input={tmp_path}/bad.txt", output)
    assert "output" in fails(capsys, given)
    assert not (tmp_path / "vocab" / "vocab.txt").exists()
