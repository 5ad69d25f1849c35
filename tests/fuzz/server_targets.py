"""Requests to a server with two small models, by HTTP and by gRPC."""

import atexit
import functools
import json
import pathlib
import shutil
import tempfile

from tests import prepared

SERVICE = "/tensorflow.serving.PredictionService/"
IDS = {"token_ids": [[1, 2]], "segment_ids": [[0, 0]], "padding_mask": [[1, 1]]}


@functools.cache
def store():
    """The models: `echo` without weights, and `bert`, which fills gaps."""
    from kortf.export.options import ExportOptions
    from kortf.export.serve.batcher import Limits
    from kortf.export.serve.model_store import ModelStore
    from tests.harness.export.served_models import write_saved_model

    directory = pathlib.Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    write_saved_model(directory / "echo")
    _write_encoder(directory / "bert")
    names = {name: str(directory / name) for name in ("echo", "bert")}
    return ModelStore(names, Limits(), ExportOptions())


def _write_encoder(directory: pathlib.Path) -> None:
    from kortf import models
    from kortf.pretrained.directory.directory import save_pretrained
    from kortf.text.vocabulary.loading import load_vocabulary

    vocabulary = load_vocabulary(str(prepared.vocabulary()))
    sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": 16}
    encoder = models.build("bert", vocabulary_size=vocabulary.size, **sizes)
    save_pretrained(str(directory), encoder, vocabulary)


@functools.cache
def client():
    """A client of the HTTP application."""
    from starlette.testclient import TestClient

    from kortf.export.serve.batcher import Limits
    from kortf.export.serve.http_app import HttpApp
    from kortf.export.serve.metrics import Metrics

    app = HttpApp(store(), Limits(), Metrics(store()), "", True).build()
    return TestClient(app, "http://localhost", raise_server_exceptions=False)


def bodies() -> list[bytes]:
    """Return valid bodies of HTTP requests."""
    client()  # here, because the time of an input is bounded
    tensor = {"name": "text", "shape": [2], "datatype": "BYTES", "data": ["가나", "다"]}
    found = [
        {"instances": ["가나", {"text": "a"}, {"b64": "6rCA"}]},
        {"signature_name": "serving_default", "inputs": {"text": ["좋다", ""]}},
        {"signature_name": "tokens", "inputs": IDS},
        {"id": "q", "inputs": [tensor], "parameters": {"signature_name": "serving_default"}},
    ]
    return [json.dumps(body, ensure_ascii=False).encode() for body in found]


def read_body(directory: pathlib.Path, data: bytes) -> None:
    """Send a body to each path that takes one; a usual request is still answered right."""
    del directory
    for model in ("echo", "bert"):
        for path in (f"/v1/models/{model}:predict", f"/v2/models/{model}/infer"):
            response = client().post(path, content=data)
            assert response.status_code in (200, 400), (path, response.status_code, response.text)
            assert response.status_code == 200 or list(response.json()) == ["error"], response.text
    response = client().post("/api/models/bert/generate", content=data)
    assert response.status_code == 400, response.text
    usual = client().post("/v1/models/echo:predict", content=bodies()[0]).json()
    assert [row["score"] for row in usual["predictions"]] == [2.0, 1.0, 1.0], usual


@functools.cache
def _channel():
    """A channel to a gRPC server."""
    import grpc

    from kortf.export.serve.batcher import Limits
    from kortf.export.serve.grpc_services import GrpcServer
    from kortf.export.serve.metrics import Metrics

    server = GrpcServer(store(), Limits(), Metrics(store()), "")
    return server, grpc.insecure_channel(f"127.0.0.1:{server.start('127.0.0.1:0')}")


def messages() -> list[bytes]:
    """Return valid Predict requests."""
    import tensorflow as tf
    from tensorflow_serving.apis import predict_pb2

    _channel()  # here, because the time of an input is bounded
    found = []
    for model, signature, inputs in (
        ("echo", "", {"text": ["가나", "다"]}),
        ("bert", "serving_default", {"text": ["봄이 왔다", ""]}),
        ("bert", "tokens", IDS),
    ):
        request = predict_pb2.PredictRequest()
        request.model_spec.name, request.model_spec.signature_name = model, signature
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        found.append(request.SerializeToString())
    return found


def read_message(directory: pathlib.Path, data: bytes) -> None:
    """Send bytes as a Predict request; only those that are no message at all fail inside gRPC."""
    import grpc

    del directory
    call = _channel()[1].unary_unary(f"{SERVICE}Predict")
    try:
        call(data, timeout=8)
    except grpc.RpcError as error:
        name, told = error.code().name, str(error.details())
        refused = name in ("INVALID_ARGUMENT", "NOT_FOUND", "RESOURCE_EXHAUSTED")
        assert refused or "deserializing" in told, f"{name}: {told}"
