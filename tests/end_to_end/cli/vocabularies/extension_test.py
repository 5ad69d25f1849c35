"""`kortf vocab --extend`, and a model that goes on with what it made."""

import json

import numpy as np
import pytest

import kortf
from kortf.cli.main import run_verb
from kortf.text.extension.former_parts import former_parts
from kortf.text.vocabulary.loading import load_vocabulary
from tests.harness.text.korean import random_documents
from tests.prepared import run

DOMAIN = "청원인은 국민청원을 청원합니다\n국민청원 게시판에 설치를 청원합니다.\n\n" * 80


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "corpus.txt"
    # The domain's characters are known, its words are not.
    chars = " ".join(sorted(set(DOMAIN)))
    path.write_text("".join(f"{line}\n\n" for [line] in [[chars]] * 20 + random_documents(200)))
    return path


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    path = tmp_path_factory.mktemp("text") / "domain.txt"
    path.write_text(DOMAIN)
    return path


@pytest.fixture(scope="module")
def old(corpus, tmp_path_factory):
    """A vocabulary with 6 slots."""
    directory = tmp_path_factory.mktemp("old")
    run("vocab", f"--input={corpus}", f"--output={directory}", "--size=600", "--unused=6")
    return directory


@pytest.fixture(scope="module")
def new(old, domain, tmp_path_factory):
    directory = tmp_path_factory.mktemp("new")
    run("vocab", f"--extend={old}", f"--input={domain}", f"--output={directory}")
    return directory


def fails(capsys, *argv):
    """The one line on stderr of a call that ends with status 2."""
    assert run_verb("vocab", argv) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    return error.strip().split("\n")[-1]


def test_it_writes_a_whole_vocabulary_directory_and_a_report(old, domain, tmp_path, capsys):
    terms = tmp_path / "terms.txt"
    terms.write_text("\ufeff국민청원\n\n세종 대왕\n국민청원\n")
    argv = [f"--extend={old}", f"--input={domain}", f"--output={tmp_path / 'new'}"]
    run("vocab", *argv, f"--terms={terms}", "--size_of_extension=3")
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["tokenizer.json", "tokenizer_config.json", "vocab.txt", "vocab_report.json"]
    before, after = load_vocabulary(str(old)), load_vocabulary(str(tmp_path / "new"))
    assert after.pieces[5] == "국민청원" and len(after.unused_ids) == 3
    report = json.loads((tmp_path / "new/vocab_report.json").read_text())
    assert report["extends"] == before.fingerprint and report["fingerprint"] == after.fingerprint
    assert report["added"][0]["slot"] == "[unused0]" and report["from_list"] == 1
    out = capsys.readouterr().out
    assert "3 of 6 [unused] slots filled: 1 from the list, 2 chosen" in out
    assert "skipped: 1 no single word" in out and "skipped: 1 given twice" in out
    assert "pieces per eojeol" in out and "국민청원 (" in out


def test_bad_input(old, domain, corpus, tmp_path, capsys):
    output, given = f"--output={tmp_path / 'out'}", f"--input={domain}"
    extend = f"--extend={old}"
    assert "--input: no file is named" in fails(capsys, extend, output)
    assert "--size: " in fails(capsys, extend, given, output, "--size=500")
    assert "--terms: " in fails(capsys, given, output, "--terms=x")
    assert "name another directory" in fails(capsys, extend, given, f"--output={old}")
    assert "6 [unused] slots" in fails(capsys, extend, given, output, "--size_of_extension=7")
    assert "no file matches" in fails(capsys, extend, output, f"--terms={tmp_path}/nothing")
    (tmp_path / "terms.txt").write_bytes("가나\n".encode() + b"\xff\n")
    assert "byte 7: not UTF-8" in fails(capsys, extend, output, f"--terms={tmp_path}/terms.txt")
    run("vocab", f"--input={corpus}", f"--output={tmp_path / 'full'}", "--size=300")
    full = f"--extend={tmp_path / 'full'}"
    assert "no [unused] slot is left" in fails(capsys, full, given, output)
    sentencepiece = [f"--input={corpus}", f"--output={tmp_path / 'sp'}", "--size=120"]
    run("vocab", *sentencepiece, "--type=sentencepiece", "--unused=3")
    message = fails(capsys, f"--extend={tmp_path / 'sp'}", given, output)
    assert "a SentencePiece vocabulary; only WordPiece" in message
    assert not (tmp_path / "out" / "vocab.txt").exists()


@pytest.mark.exhaustive
def test_a_model_goes_on_with_an_extended_vocabulary(old, new, domain, corpus, tmp_path, capsys):
    def train(vocabulary, records, workdir, *more):
        config = ["--config=configs/pretrain/bert.py:smoke", "--config.batch_size=4"]
        argv = [f"--vocab={vocabulary}", f"--workdir={workdir}", f"--records={records}"]
        return run_verb("pretrain", [*argv, *config, *more])

    for vocabulary, text, records in ((old, corpus, "old"), (new, domain, "new")):
        argv = [f"--input={text}", f"--vocab={vocabulary}", f"--output={tmp_path / records}"]
        run("records", *argv, "--seq_length=16", "--shards=1", "--workers=1")
    first, second = tmp_path / "first", tmp_path / "second"
    assert train(old, tmp_path / "old", first, "--config.steps=2") == 0
    model = f"--init_from={first}/model"
    # With a rate of 0, what is saved is what it started from.
    zero = [
        "--config.steps=1",
        "--config.schedule.warmup_steps=0",
        "--config.optimizer.learning_rate=0.0",
    ]
    assert train(new, tmp_path / "new", second, model, *zero) == 0
    before, after = (kortf.from_pretrained(path / "model") for path in (first, second))
    tables = [np.array(encoder.token_embedding.embeddings.numpy()) for encoder in (before, after)]
    parts = former_parts(load_vocabulary(str(old)), load_vocabulary(str(new)))
    assert len(parts) == 6
    for new_id, ids in parts.items():
        np.testing.assert_allclose(tables[1][new_id], tables[0][ids].mean(axis=0), rtol=1e-6)
    others = [i for i in range(len(tables[0])) if i not in parts]
    np.testing.assert_array_equal(tables[1][others], tables[0][others])
    assert load_vocabulary(str(second / "model")).pieces[5] == load_vocabulary(str(new)).pieces[5]
    steps = [json.loads(line)["step"] for line in open(second / "metrics.jsonl")]
    assert steps[0] == 1
    capsys.readouterr()
    model = f"--init_from={tmp_path}/nowhere"
    assert train(new, tmp_path / "new", tmp_path / "third", model) == 2
    assert "nowhere: there is no such model directory" in capsys.readouterr().err
    # The other way round it is no extension.
    model = f"--init_from={second}/model"
    assert train(old, tmp_path / "old", tmp_path / "third", model, "--config.steps=2") == 2
    error = capsys.readouterr().err.strip().split("\n")[-1]
    assert "its vocabulary is not that of" in error and "its piece 5 is '[unused0]'" in error
