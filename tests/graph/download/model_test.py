"""kortf download model, against a hub of our own on this machine."""

import hashlib
import http.server
import json
import threading
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

import kortf
from kortf.cli.main import run_verb
from kortf.download.model import wanted_files
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.sentence_transformers.settings import (
    Dense,
    EmbeddingSettings,
    Lexical,
    TokenSettings,
    WordWeights,
)
from kortf.pretrained.sentence_transformers.writing import write_embedding_settings
from tests.harness.pretrained.random_models import assert_same_weights, build

pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "someone/bert-kor"


class Hub(http.server.ThreadingHTTPServer):
    """Serves one repository."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.got: list[str] = []
        self.sizes: dict[str, int] = {}  # announced instead of the true ones
        self.revision: str | None = None  # the only one there is
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server_port}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.answer()

    def do_GET(self):
        self.answer()

    def answer(self):
        path = unquote(urlsplit(self.path).path)
        prefix = f"/{NAME}/resolve/{COMMIT}/"
        if path.startswith(f"/api/models/{NAME}"):
            if self.server.revision not in (None, path.rpartition("/revision/")[2]):
                self.send_response(404)
                self.send_header("X-Error-Code", "RevisionNotFound")
                self.send_header("Content-Length", "0")
                return self.end_headers()
            siblings = [
                {"rfilename": name, "size": self.server.sizes.get(name, len(data))}
                for name, data in self.server.files.items()
            ]
            body = {
                "id": NAME,
                "sha": COMMIT,
                "siblings": siblings,
                "private": False,
                "cardData": {"license": "apache-2.0"},
                "tags": [],
                "downloads": 0,
                "likes": 0,
            }
            return self.send(json.dumps(body).encode())  # fmt: skip
        if path.startswith(prefix) and path.removeprefix(prefix) in self.server.files:
            name = path.removeprefix(prefix)
            if self.command == "GET":
                self.server.got.append(name)
            return self.send(self.server.files[name])
        self.send_response(404)
        if "/api/models/" in path:
            self.send_header("X-Error-Code", "RepoNotFound")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send(self, body: bytes):
        self.send_response(200)
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("ETag", f'"{hashlib.sha1(body).hexdigest()}"')
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    server = Hub()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    yield server
    server.shutdown()


def test_wanted_files():
    names = ["config.json", "model.safetensors", "pytorch_model.bin", "tf_model.h5"]
    assert wanted_files(names) == ["config.json", "model.safetensors"]
    parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    parts.append("model.safetensors.index.json")
    assert wanted_files([*parts, "pytorch_model.bin", "onnx/model.safetensors"]) == parts
    assert wanted_files(["config.json", "../model.safetensors", "tf_model.h5"]) == []
    vocabularies = ["spiece.model", "tokenizer_78b3253a26.model", "added_tokens.json"]
    pooling = ["1_Pooling/config.json", "modules.json", "2_Dense/config.json"]
    pooling += ["2_Dense/pytorch_model.bin", "3_Normalize/config.json"]
    names = sorted([*vocabularies, *pooling, "model.safetensors"])
    assert wanted_files([*names, "2_LSTM/config.json", "onnx/model.onnx"]) == names


def test_every_module_that_is_written_is_wanted(tmp_path):
    pieces, ones = ("a", "b"), np.ones(2, np.float32)
    dense = (Dense(np.ones((3, 3), np.float32)),)
    tables = {"word_weights": WordWeights(pieces, ones)}
    tables["lexical"] = Lexical(pieces, np.ones((2, 4), np.float32), ones)
    for settings in (
        EmbeddingSettings(normalize=True, dense=dense, **tables),
        TokenSettings(dense, ("!",)),
    ):
        write_embedding_settings(str(tmp_path), settings, 3)
        written = [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()]
        names = sorted([*written, "model.safetensors"])
        assert len(names) > 7 and wanted_files(names) == names


@pytest.mark.parametrize(
    "name",
    ["LICENSE/../../x", "LICENSE/x", "../config.json", "/etc/x.model", "a/b.model", "LICENSE\\x",
     "x/1_Pooling/config.json", "1_Pooling/../config.json", "2_Dense/../x.bin", "vocab.txt\n"],
)  # fmt: skip
def test_no_served_name_leaves_the_directory(name, hub, tmp_path):
    assert wanted_files([name, "model.safetensors"]) == ["model.safetensors"]
    hub.files = {name: b"x", "config.json": b"{}", "model.safetensors": b"x"}
    run_verb("download", ["model", NAME, f"--output={tmp_path / 'in' / 'model'}"])
    outside = {path.relative_to(tmp_path).parts[:2] for path in tmp_path.rglob("*")}
    assert outside <= {("in",), ("in", "model")}


def test_model_is_fetched_and_read(hub, tmp_path, capsys):
    encoder = build("bert")
    save_pretrained(tmp_path / "published", encoder)
    for file in (tmp_path / "published").iterdir():
        hub.files[file.name] = file.read_bytes()
    hub.files |= {"tf_model.h5": b"x" * 99, "README.md": b"# card"}
    output = tmp_path / "model"
    command = ["model", NAME, f"--output={output}"]
    assert run_verb("download", command) == 0
    said = capsys.readouterr().out
    assert "licence: apache-2.0" in said and "read as bert, 4 layers of 16" in said
    assert_same_weights(kortf.from_pretrained(output), encoder)
    assert set(hub.got) == {"config.json", "model.safetensors", "README.md"}
    noted = json.loads((output / "downloads.json").read_text())["files"]["model.safetensors"]
    weights = hub.files["model.safetensors"]
    assert noted["revision"] == COMMIT and noted["bytes"] == len(weights)
    assert noted["sha256"] == hashlib.sha256(weights).hexdigest()
    hub.got.clear()
    assert run_verb("download", command) == 0 and hub.got == []
    (output / "model.safetensors").write_bytes(weights[:-1] + b"!")
    assert run_verb("download", command) == 2
    assert "model.safetensors: changed since it was fetched" in capsys.readouterr().err


def test_a_revision_is_fetched_or_named(hub, tmp_path, capsys):
    hub.files, hub.revision = {"config.json": b"{}", "model.safetensors": b"x"}, "v1"
    output = f"--output={tmp_path / 'model'}"
    assert run_verb("download", ["model", NAME, output, "--revision=v2"]) == 2
    error = capsys.readouterr().err
    assert "--revision=v2" in error and error.count("\n") == 1
    run_verb("download", ["model", NAME, output, "--revision=v1"])
    assert (tmp_path / "model" / "model.safetensors").read_bytes() == b"x"


def test_a_file_longer_than_the_hub_says_is_refused(hub, tmp_path, capsys):
    hub.files = {"config.json": b"{}", "model.safetensors": b"x" * 1_000_000}
    hub.sizes["model.safetensors"] = 1000
    assert run_verb("download", ["model", NAME, f"--output={tmp_path / 'model'}"]) == 2
    error = capsys.readouterr().err
    assert "model.safetensors" in error and "more than 1,000 bytes" in error
    assert not (tmp_path / "model" / "model.safetensors").exists()


def test_what_cannot_be_fetched_is_said_in_a_line(hub, tmp_path, capsys):
    output = f"--output={tmp_path / 'model'}"
    cases = [
        (["model", "someone/else", output], "someone/else: there is no such model; check the name"),
        (["model", "a/b/c", output], "a/b/c: there is no such model; check the name"),
        (["model", NAME, output], f"{NAME}: no weights that kortf reads; take a model"),
        (["model", output], "NAME: no model is named; name one"),
        (["model", "a", "b", output], "NAME: 2 models are named; name one"),
    ]
    for arguments, words in cases:
        assert run_verb("download", arguments) == 2
        error = capsys.readouterr().err
        assert words in error and error.count("\n") == 1
    hub.files = {"config.json": b"{}", "model.safetensors": b"x"}
    assert run_verb("download", ["model", NAME, output]) == 2
    assert "model_type: is missing" in capsys.readouterr().err


def test_hub_that_does_not_answer(hub, tmp_path, capsys, monkeypatch):
    hub.shutdown()
    hub.server_close()
    assert run_verb("download", ["model", NAME, f"--output={tmp_path}"]) == 2
    error = capsys.readouterr().err
    assert "check the connection, or set HF_ENDPOINT" in error and error.count("\n") == 1
