"""Weights in several files: read as one, and nothing outside of the directory is."""

import json

import pytest
from safetensors.numpy import load_file, save_file

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import save_pretrained
from tests.harness.pretrained.random_models import assert_same_weights, build

INDEX = "model.safetensors.index.json"


def split(directory, encoder) -> dict[str, str]:
    """Writes a model directory with its tensors in turn in three files."""
    save_pretrained(directory, encoder)
    tensors = load_file(directory / "model.safetensors")
    (directory / "model.safetensors").unlink()
    where = {
        name: f"model-0000{i % 3 + 1}-of-00003.safetensors"
        for i, name in enumerate(sorted(tensors))
    }
    for file in set(where.values()):
        save_file({k: v for k, v in tensors.items() if where[k] == file}, directory / file)
    (directory / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": where}))
    return where


def test_shards_are_read_as_one_file(tmp_path):
    encoder = build("bert")
    split(tmp_path, encoder)
    assert_same_weights(kortf.from_pretrained(tmp_path), encoder)


@pytest.mark.parametrize(
    "file", ["../secret.safetensors", "/etc/passwd", "a/b.safetensors", "..", "", 3, None, "x.txt",
             "..\\secret.safetensors", ["x"]],
)  # fmt: skip
def test_tricks_with_paths_are_refused(tmp_path, file):
    encoder = build("bert")
    where = split(tmp_path / "model", encoder)
    save_pretrained(tmp_path / "other", encoder)
    (tmp_path / "other" / "model.safetensors").rename(tmp_path / "secret.safetensors")
    where["pooler.dense.bias"] = file
    (tmp_path / "model" / INDEX).write_text(json.dumps({"weight_map": where}))
    words = "index.json, tensor pooler.dense.bias: .* is not the name of a file beside it"
    with pytest.raises(InputError, match=words):
        kortf.from_pretrained(tmp_path / "model")


def test_what_is_missing_is_named(tmp_path):
    where = split(tmp_path, build("bert"))
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": where | {"x": "gone.safetensors"}}))
    with pytest.raises(InputError, match="tensor x: there is no gone.safetensors"):
        kortf.from_pretrained(tmp_path)
    first = "model-00001-of-00003.safetensors"
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": where | {"x": first}}))
    with pytest.raises(InputError, match=f"{first}, tensor x: is missing, but model.safe"):
        kortf.from_pretrained(tmp_path)
    file = tmp_path / first
    file.write_bytes(file.read_bytes()[:-9])
    (tmp_path / INDEX).write_text(json.dumps({"weight_map": where}))
    with pytest.raises(InputError, match=f"{first}: not a whole safetensors file"):
        kortf.from_pretrained(tmp_path)


@pytest.mark.parametrize("index", ["[]", "{}", '{"weight_map": {}}', '{"weight_map": [1]}', "{"])
def test_broken_indexes_are_refused(tmp_path, index):
    split(tmp_path, build("bert"))
    (tmp_path / INDEX).write_text(index)
    with pytest.raises(InputError, match=INDEX):
        kortf.from_pretrained(tmp_path)
