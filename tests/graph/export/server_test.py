"""`kortf serve`: both ports answer, SIGTERM ends it after the requests at hand, and bad flags."""

import contextlib
import json
import os
import signal
import socket
import threading
import time
import urllib.error
import urllib.request

import pytest
import tensorflow as tf

pytest.importorskip("starlette")
pytest.importorskip("uvicorn")
grpc = pytest.importorskip("grpc")
pytest.importorskip("tensorflow_serving.apis")

from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc  # noqa: E402

from kortf.cli.main import run_verb  # noqa: E402
from kortf.export.serve.loaded_model import LoadedModel  # noqa: E402
from tests.harness.export.served_models import free_port, write_saved_model  # noqa: E402


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """Directory of version 3 of a model that answers the lengths of texts."""
    path = tmp_path_factory.mktemp("served")
    write_saved_model(path / "3", "answer")
    return path


def post(address: str, texts: list[str]) -> list[float]:
    body = json.dumps({"instances": texts}).encode()
    with urllib.request.urlopen(f"{address}:predict", body, timeout=60) as response:
        return [row["score"] for row in json.load(response)["predictions"]]


def ask(port: int, texts: list[str]) -> list[float]:
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "echo"
    request.inputs["text"].CopyFrom(tf.make_tensor_proto(texts))
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
        return tf.make_ndarray(stub.Predict(request, timeout=60).outputs["score"]).tolist()


def test_a_server_answers_on_both_ports_and_finishes_requests_after_sigterm(
    directory, monkeypatch, capfd
):
    port, grpc_port = free_port(), free_port()
    root = f"http://127.0.0.1:{port}"
    address = f"{root}/v1/models/echo"
    answers, errors, ended, release = {}, [], threading.Event(), threading.Event()
    run = LoadedModel.run

    def slow(self, signature, inputs):
        if inputs["text"][0].startswith("늦은".encode()):
            release.wait(60)
        return run(self, signature, inputs)

    def call(name, function, *arguments):
        try:
            answers[name] = function(*arguments)
        except Exception as error:
            errors.append(error)

    def wait_for(path: str, words: str) -> None:
        while not ended.is_set():
            with contextlib.suppress(OSError), urllib.request.urlopen(root + path) as response:
                if words in response.read().decode():
                    return
            time.sleep(0.02)

    def use():
        """Send requests while the main thread serves, and end it by a signal."""
        wait_for("/v1/models/echo", '"AVAILABLE"')
        call("http", post, address, ["가나", "다"])
        call("grpc", ask, grpc_port, ["가나다"])
        late = [
            threading.Thread(target=call, args=("late http", post, address, ["늦은 가"])),
            threading.Thread(target=call, args=("late grpc", ask, grpc_port, ["늦은 나다"])),
        ]
        for thread in late:
            thread.start()
        wait_for("/metrics", 'kortf_queue_rows{model="echo"} 2.0')
        if not ended.is_set():
            os.kill(os.getpid(), signal.SIGTERM)
        threading.Timer(0.3, release.set).start()
        for thread in late:
            thread.join(60)

    monkeypatch.setattr(LoadedModel, "run", slow)
    user = threading.Thread(target=use, daemon=True)
    user.start()
    before = signal.getsignal(signal.SIGTERM)
    argv = [f"--model=echo={directory}", f"--port={port}", f"--grpc_port={grpc_port}"]
    status = run_verb("serve", [*argv, "--poll_seconds=0"])
    ended.set()
    user.join(60)
    assert status == 0
    assert errors == []
    assert answers == {
        "http": [2.0, 1.0], "grpc": [3.0], "late http": [4.0], "late grpc": [5.0],
    }  # fmt: skip
    assert signal.getsignal(signal.SIGTERM) is before
    told = capfd.readouterr().err
    assert f"serving at http://localhost:{port}/, gRPC on port {grpc_port}" in told
    with pytest.raises(OSError):
        urllib.request.urlopen(address)


@pytest.mark.parametrize("flag", ["port", "grpc_port"])
def test_a_port_in_use_is_refused(directory, flag, capfd):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        used = other.getsockname()[1]
        ports = {"port": 0, "grpc_port": 0} | {flag: used}
        argv = [f"--{name}={value}" for name, value in ports.items()]
        assert run_verb("serve", [f"--model=echo={directory}", *argv]) == 2
    assert f"kortf serve: --{flag}={used}: " in capfd.readouterr().err


def test_what_cannot_be_served_is_refused_before_a_model_is_loaded(directory, tmp_path, capfd):
    def refused(*argv):
        assert run_verb("serve", list(argv)) == 2
        return capfd.readouterr().err

    missing = f"--model=a={tmp_path}/none"
    assert f"kortf serve: {missing}" in refused(missing)
    served = f"--model=echo={directory}"
    assert "kortf serve: --host=0.0.0.0: " in refused(served, "--host=0.0.0.0", "--port=0")
