"""SIGTERM: a server finishes the requests at hand, by HTTP and by gRPC, and ends with status 0."""

import contextlib
import json
import pathlib
import signal
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest
import tensorflow as tf

grpc = pytest.importorskip("grpc")
pytest.importorskip("tensorflow_serving.apis")

from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc  # noqa: E402

from tests.harness.export.served_models import free_port  # noqa: E402

ROOT = pathlib.Path(__file__).parents[3]
STEPS = 300_000  # of a loop that takes a second, or several beside other work


def write_slow_model(directory) -> None:
    """Write a SavedModel that takes its time for the text `slow`."""

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "text")], autograph=False)
    def serve(text):
        slow = tf.cast(tf.reduce_any(tf.equal(text, "slow")), tf.int32)
        count = tf.while_loop(lambda i: i < STEPS * slow, lambda i: [i + 1], [tf.constant(0)])[0]
        return {"count": tf.fill(tf.shape(text), count)}

    module = tf.Module()
    module.serve = serve
    tf.saved_model.save(module, str(directory), {"serving_default": serve})


@pytest.mark.exhaustive
def test_requests_at_hand_are_finished(tmp_path):
    write_slow_model(tmp_path / "model")
    port, grpc_port = free_port(), free_port()
    command = [sys.executable, "-m", "kortf", "serve", f"--model=slow={tmp_path}/model"]
    command += [f"--port={port}", f"--grpc_port={grpc_port}"]
    server = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        address = f"http://127.0.0.1:{port}/v1/models/slow"
        while server.poll() is None:
            with contextlib.suppress(OSError), urllib.request.urlopen(address):
                break
            time.sleep(0.1)

        def ask_http() -> int:
            body = json.dumps({"instances": ["slow"]}).encode()
            with urllib.request.urlopen(f"{address}:predict", body, timeout=60) as response:
                return json.load(response)["predictions"][0]

        def ask_grpc() -> int:
            request = predict_pb2.PredictRequest()
            request.model_spec.name = "slow"
            request.inputs["text"].CopyFrom(tf.make_tensor_proto(["slow"]))
            with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel:
                stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
                answer = stub.Predict(request, timeout=60)
            return int(tf.make_ndarray(answer.outputs["count"])[0])

        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(ask) for ask in (ask_http, ask_grpc)]
            while not waiting(address, 2):
                time.sleep(0.01)
            server.send_signal(signal.SIGTERM)
            assert [future.result() for future in futures] == [STEPS, STEPS]
        assert server.wait(30) == 0
    finally:
        server.kill()


def waiting(address: str, rows: int) -> bool:
    """Return whether so many rows wait or are computed."""
    root = address.partition("/v1")[0]
    with urllib.request.urlopen(f"{root}/metrics") as response:
        lines = response.read().decode().splitlines()
    return f'kortf_queue_rows{{model="slow"}} {rows}.0' in lines
