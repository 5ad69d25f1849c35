"""kortf push, against a hub of our own on this machine."""

import base64
import http.server
import json
import threading

import pytest
import yaml

from kortf.cli.main import run_verb
from kortf.pretrained.card import Card, card_text
from kortf.publish.hub_card import TASKS, hub_card, widget

pytest.importorskip("huggingface_hub")
COMMIT = "0123456789abcdef0123456789abcdef01234567"
NAME = "someone/nsmc"
CONFIG = {
    "model_type": "bert", "architectures": ["BertForSequenceClassification"],
    "kortf": {"version": "0.2.0", "task": "nsmc"},
}  # fmt: skip
INDEX = [
    {
        "name": "nsmc",
        "results": [
            {
                "dataset": {"name": "nsmc", "split": "test"},
                "metrics": [{"name": "accuracy", "value": 0.8641}],
            }
        ],
    }
]


class Handler(http.server.BaseHTTPRequestHandler):
    """The three calls of an upload: make the repository, ask for the modes, commit."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Authorization") != "Bearer hf_write":
            return self.answer({"error": "no token"}, 401)
        if self.path == "/api/repos/create":
            self.server.made.append(json.loads(body))
            return self.answer({"url": f"{self.server.address}/{NAME}"})
        if self.path.endswith("/preupload/main"):
            names = [each["path"] for each in json.loads(body)["files"]]
            modes = [{"path": n, "uploadMode": "regular", "shouldIgnore": False} for n in names]
            return self.answer({"files": modes})
        if self.path == f"/api/models/{NAME}/commit/main":
            for line in body.splitlines():
                entry = json.loads(line)
                if entry["key"] == "file":
                    content = base64.b64decode(entry["value"]["content"])
                    self.server.files[entry["value"]["path"]] = content
            url = f"{self.server.address}/{NAME}/commit/{COMMIT}"
            return self.answer({"commitUrl": url, "commitOid": COMMIT, "success": True})
        return self.answer({}, 200 if self.path == "/api/validate-yaml" else 404)

    def do_GET(self):
        self.answer({"error": "not found"}, 404)

    def answer(self, value, status=200):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(monkeypatch):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.made = {}, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("HF_ENDPOINT", server.address)
    monkeypatch.setenv("HF_TOKEN", "hf_write")
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def model(tmp_path):
    directory = tmp_path / "model"
    (directory / "1_Pooling").mkdir(parents=True)
    card = Card("nsmc", metadata={"model-index": INDEX})
    (directory / "README.md").write_text(card_text(card, CONFIG, {}), encoding="utf-8")
    (directory / "config.json").write_text(json.dumps(CONFIG))
    (directory / "model.safetensors").write_bytes(b"\0" * 20)
    (directory / "1_Pooling" / "config.json").write_text("{}")
    (directory / ".cache").write_text("")
    (directory / "downloads.json").write_text("{}")
    return directory


def front(text: str) -> dict:
    return yaml.safe_load(text.split("---\n")[1])


def test_the_directory_is_one_commit_with_a_card_in_both_languages(hub, model, capsys):
    assert run_verb("push", [f"--model={model}", f"--repo={NAME}", "--private"]) == 0
    assert COMMIT[:12] in capsys.readouterr().out
    assert hub.made[0]["name"] == "nsmc" and hub.made[0]["organization"] == "someone"
    assert sorted(hub.files) == [
        "1_Pooling/config.json", "README.md", "config.json", "model.safetensors",
    ]  # fmt: skip
    assert hub.files["model.safetensors"] == b"\0" * 20
    card = hub.files["README.md"].decode()
    assert front(card)["pipeline_tag"] == "text-classification" and front(card)["widget"]
    assert "## 한국어" in card and "| nsmc test | accuracy | 0.8641 |" in card
    assert "## Use" in card and "MODEL_DIR" not in card
    assert f"kortf download model {NAME} --output=model" in card  # the name is no local directory


def test_without_a_token_the_error_names_it(hub, model, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", "hf_other")
    assert run_verb("push", [f"--model={model}", f"--repo={NAME}"]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "HF_TOKEN" in error and hub.files == {}


@pytest.mark.parametrize("name", ["nsmc", "a/b/c", "a b/c", "../c"])
def test_a_name_that_is_none_is_refused(hub, model, name, capsys):
    assert run_verb("push", [f"--model={model}", f"--repo={name}"]) == 2
    assert f"--repo={name}" in capsys.readouterr().err and hub.made == []


def test_a_work_directory_is_refused(hub, tmp_path, capsys):
    (tmp_path / "config.json").write_text('{"config": {}, "inputs": {}}')
    assert run_verb("push", [f"--model={tmp_path}", f"--repo={NAME}"]) == 2
    assert "not a model directory" in capsys.readouterr().err


def test_dry_run_uploads_nothing(hub, model, capsys):
    assert run_verb("push", [f"--model={model}", f"--repo={NAME}", "--dry_run"]) == 0
    assert "## 한국어" in capsys.readouterr().out and hub.made == []


def test_a_card_of_the_user_keeps_every_word():
    text = "---\nlicense: mit\npipeline_tag: fill-mask\n---\n\n# Mine\n\nMODEL_DIR\n"
    card = hub_card(text, CONFIG, NAME, "<mask>")
    assert card.endswith("\n# Mine\n\nMODEL_DIR\n") and "한국어" not in card.split("---\n")[2]
    assert front(card) == {
        "license": "mit", "pipeline_tag": "fill-mask", "language": ["ko"],
        "widget": [{"text": "대한민국의 수도는 <mask>이다."}],
    }  # fmt: skip


def test_every_task_has_a_korean_name_and_most_have_examples():
    from kortf.pretrained.card import _OTHERS, _TASKS

    tags = {tag for tag, _ in _TASKS.values()} | {_OTHERS[0]}
    without = {"multiple-choice"}  # the hub has no widget for it
    assert tags <= set(TASKS) and all(widget(tag) for tag in tags - without)
