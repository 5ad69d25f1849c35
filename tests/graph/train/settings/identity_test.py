"""A work directory continues the same run alone: its config both ways, its inputs by content."""

import shutil

import pytest

from kortf import files
from kortf.errors import InputError
from kortf.train.settings.identity import (
    Identity,
    check_same_inputs,
    differences,
    model_hash,
    record_identity,
)

CONFIG = {"seed": 0, "objectives": [{"name": "masked_lm"}, {"name": "next_sentence"}]}


def test_keys_are_compared_in_both_directions(tmp_path):
    path = str(tmp_path / "config.json")
    record_identity(path, Identity(CONFIG, {"records": "a"}))
    record_identity(path, Identity(CONFIG, {"records": "a"}))
    fewer = CONFIG | {"objectives": CONFIG["objectives"][:1]}
    for identity in (
        Identity(fewer, {"records": "a"}),
        Identity(CONFIG | {"label_smoothing": 0.1}, {"records": "a"}),
        Identity(CONFIG, {"records": "b"}),
        Identity(CONFIG, {}),
    ):
        before = files.read_json(path)
        with pytest.raises(InputError, match="config.json, "):
            record_identity(path, identity)
        assert files.read_json(path) == before


def test_keys_that_do_not_change_the_training_may_change():
    before = {"config": {"log_every": 10, "eval_every": 5}, "inputs": {}}
    now = {"config": {"log_every": 20, "eval_every": 1}, "inputs": {"eval_records": "x"}}
    assert differences(before, now) == {}
    again = {"config": {}, "inputs": {"eval_records": "y"}}
    assert list(differences(now, again)) == ["inputs.eval_records"]


def test_an_earlier_work_directory_continues():
    before = {"config": {"optimizer": {"name": "muon"}}, "inputs": {"init_from": "runs/a"}}
    now = {
        "config": {"optimizer": {"name": "muon", "dtype": "bfloat16", "bias_correction": True}},
        "inputs": {"init_from": "runs/a/", "init_from_hash": "1"},
    }
    assert differences(before, now) == {}
    now["config"]["optimizer"]["bias_correction"] = False
    assert list(differences(before, now)) == ["config.optimizer.bias_correction"]


def test_a_start_is_known_by_its_content(tmp_path):
    model = tmp_path / "model"
    model.mkdir()
    for name in ("config.json", "model.safetensors", "vocab.txt", "README.md"):
        (model / name).write_text(name)
    first = model_hash([str(model)])
    shutil.copytree(model, tmp_path / "copy")
    (model / "README.md").write_text("other")
    assert model_hash([f"{tmp_path}/copy/"]) == first == model_hash([str(model)])

    def inputs(path, hash_):
        return {"inputs": {"init_from": path, "init_from_hash": hash_}}

    assert differences(inputs("a", first), inputs("elsewhere/", first)) == {}
    for name in ("model.safetensors", "vocab.txt"):
        (model / name).write_text("replaced")
        other = model_hash([str(model)])
        found = differences(inputs("a", first), inputs("a", other))
        assert list(found) == ["inputs.init_from_hash"]


def test_runs_of_one_table_have_read_the_same(tmp_path):
    for name, digest in (("a", "1"), ("b", "1"), ("c", "2")):
        (tmp_path / name).mkdir()
        record_identity(f"{tmp_path}/{name}/config.json", Identity(CONFIG, {"train.tsv": digest}))
    check_same_inputs(f"{tmp_path}/a", f"{tmp_path}/b")
    with pytest.raises(InputError) as caught:
        check_same_inputs(f"{tmp_path}/a", f"{tmp_path}/c")
    assert caught.value.parts[0] == f"{tmp_path}/c"
