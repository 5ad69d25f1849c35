"""Damaged model directories end in an InputError, whatever the damage is."""

import json
import random
import shutil
import signal

import pytest

import kortf
from kortf.errors import InputError
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.directory.weights import open_weights
from tests.harness.pretrained.random_models import build

ROUNDS = 40
VALUES = [
    None, True, -1, 0, 1, 10**9, 10**12, 2**63, 10**5000, 1e400, 0.5, "", "x", "\ud800", [], {},
    [[]], {"a": 1}, [None] * 3, "../x", "gpt2",
]  # fmt: skip


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Model directories by kind of file."""
    torch = pytest.importorskip("torch")
    root = tmp_path_factory.mktemp("models")
    encoder = build("bert", num_layers=1)
    save_pretrained(root / "safetensors", encoder)
    save_pretrained(root / "kortf", build("bert", num_layers=1, positions="rotary"))
    state = {name: torch.tensor(value) for name, value in read(root / "safetensors").items()}
    for kind, old in (("zip", False), ("old", True)):
        shutil.copytree(root / "safetensors", root / kind)
        (root / kind / "model.safetensors").unlink()
        path = root / kind / "pytorch_model.bin"
        torch.save(state, path, _use_new_zipfile_serialization=not old)
    shutil.copytree(root / "safetensors", root / "index")
    (root / "index" / "model.safetensors").rename(root / "index" / "a.safetensors")
    index = {"weight_map": dict.fromkeys(state, "a.safetensors")}
    (root / "index" / "model.safetensors.index.json").write_text(json.dumps(index))
    return root


def read(directory) -> dict:
    weights = open_weights(str(directory))
    return {name: weights.read(name) for name in weights.names}


@pytest.fixture
def limit():
    """Fail a case that does not end."""
    signal.signal(signal.SIGALRM, lambda *_: pytest.fail("it does not end"))
    signal.alarm(60)
    yield
    signal.alarm(0)


def attempt(function, *arguments) -> None:
    try:
        function(*arguments)
    except InputError as error:
        str(error).encode()  # it can be printed


def mutate(data: bytes, draw: random.Random) -> bytes:
    """Return `data` with a few bytes changed, removed, repeated or set to an extreme."""
    data = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        # Most of a file is numbers: half of the changes go to its first kilobyte or its last.
        edge = draw.choice([range(len(data)), range(min(1024, len(data)))])
        place = draw.choice(edge) if edge else 0
        if draw.random() < 0.25:
            place = max(0, len(data) - 1 - place % 1024)
        kind = draw.randrange(5)
        if kind == 0:
            data[place : place + 1] = bytes([draw.randrange(256)])
        elif kind == 1:
            data[place : place + 8] = draw.choice([b"\xff" * 8, b"\0" * 8, b"\x7f" * 8])
        elif kind == 2:
            del data[place : place + draw.randint(1, 64)]
        elif kind == 3:
            data[place:place] = data[place : place + draw.randint(1, 64)]
        else:
            del data[place:]
    return bytes(data)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("safetensors", "model.safetensors"),
        ("zip", "pytorch_model.bin"),
        ("old", "pytorch_model.bin"),
        ("index", "model.safetensors.index.json"),
        ("index", "a.safetensors"),
    ],
)
def test_changed_bytes_of_weights(models, tmp_path, limit, kind, name):
    shutil.copytree(models / kind, tmp_path / "m")
    original = (models / kind / name).read_bytes()
    for seed in range(ROUNDS):
        (tmp_path / "m" / name).write_bytes(mutate(original, random.Random(seed)))
        attempt(read, tmp_path / "m")


@pytest.mark.parametrize("kind", ["safetensors", "kortf"])
def test_changed_values_of_a_config(models, tmp_path, limit, kind):
    shutil.copytree(models / kind, tmp_path / "m")
    config = json.loads((models / kind / "config.json").read_text())
    draw = random.Random(0)
    for _ in range(ROUNDS):
        changed = json.loads(json.dumps(config))
        table = changed
        if kind == "kortf" and draw.random() < 0.7:
            table = changed["kortf"]["settings"]
        table[draw.choice(sorted(table))] = draw.choice(VALUES[:8] + VALUES[9:])
        (tmp_path / "m" / "config.json").write_text(json.dumps(changed))
        attempt(kortf.from_pretrained, tmp_path / "m")


@pytest.mark.parametrize(
    "text",
    ["", "[", "[" * 100_000, '{"a": ' * 100_000, "1" * 5000, '{"hidden_size": ' + "1" * 5000 + "}",
     '{"model_type": "\\ud800"}', '{"model_type": "bert", "model_type": 3}', "NaN", "\x00", "3"],
)  # fmt: skip
@pytest.mark.parametrize("name", ["config.json", "model.safetensors.index.json"])
def test_broken_json(models, tmp_path, limit, name, text):
    shutil.copytree(models / "index", tmp_path / "m")
    (tmp_path / "m" / name).write_text(text)
    with pytest.raises(InputError) as caught:
        kortf.from_pretrained(tmp_path / "m")
    assert name in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value"),
    [("num_hidden_layers", 10**9), ("vocab_size", 10**12), ("vocab_size", 10**9),
     ("intermediate_size", 10**9), ("type_vocab_size", 10**9), ("max_position_embeddings", 10**9)],
)  # fmt: skip
def test_sizes_that_no_tensor_has_build_nothing(models, tmp_path, limit, key, value):
    shutil.copytree(models / "safetensors", tmp_path / "m")
    config = json.loads((tmp_path / "m" / "config.json").read_text()) | {key: value}
    (tmp_path / "m" / "config.json").write_text(json.dumps(config))
    with pytest.raises(InputError) as caught:
        kortf.from_pretrained(tmp_path / "m")
    assert str(tmp_path / "m" / "config.json") in caught.value.parts[0]
