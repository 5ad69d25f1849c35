"""The server: TF Serving's REST and gRPC, the Open Inference Protocol, batches, versions."""

import base64
import dataclasses
import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette")
pytest.importorskip("prometheus_client")

from starlette.testclient import TestClient  # noqa: E402

from kortf.errors import InputError  # noqa: E402
from kortf.export.options import ExportOptions  # noqa: E402
from kortf.export.serve.batcher import Limits  # noqa: E402
from kortf.export.serve.errors import BusyError, ModelError, RetiredError  # noqa: E402
from kortf.export.serve.http_app import HttpApp  # noqa: E402
from kortf.export.serve.loaded_model import LoadedModel  # noqa: E402
from kortf.export.serve.metrics import Metrics  # noqa: E402
from kortf.export.serve.model_store import ModelStore, find_versions, parse_models  # noqa: E402
from kortf.export.serve.server import ServerSettings, is_local  # noqa: E402
from tests.harness.export.served_models import texts, write_saved_model  # noqa: E402

LIMITS = Limits(max_batch=4, max_queue=8, max_rows=6, max_bytes=4000)
PREDICT = "/v1/models/echo:predict"


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """One model `echo`, version 7, that fails on the text `boom`."""
    directory = tmp_path_factory.mktemp("models")
    write_saved_model(directory / "7", "a", "boom")
    store = ModelStore({"echo": str(directory)}, LIMITS, ExportOptions())
    yield store
    store.close()


def client_of(store, token="", local_only=True) -> TestClient:
    app = HttpApp(store, LIMITS, Metrics(store), token, local_only).build()
    return TestClient(app, base_url="http://localhost:8501", raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client(store):
    return client_of(store)


def test_status_and_metadata(client):
    ok = {"error_code": "OK", "error_message": ""}
    expected = {"model_version_status": [{"version": "7", "state": "AVAILABLE", "status": ok}]}
    assert client.get("/v1/models/echo").json() == expected
    assert client.get("/v1/models/echo/versions/7").json() == expected
    found = client.get("/v1/models/echo/metadata").json()
    assert found["model_spec"] == {"name": "echo", "signature_name": "", "version": "7"}
    signatures = found["metadata"]["signature_def"]["signature_def"]
    assert signatures["serving_default"]["inputs"]["text"] == {
        "dtype": "DT_STRING",
        "tensor_shape": {"dim": [{"size": "-1", "name": ""}], "unknown_rank": False},
        "name": "serving_default_text:0",
    }
    assert signatures["serving_default"]["method_name"] == "tensorflow/serving/predict"


def test_rows(client):
    encoded = base64.b64encode(b"\xea\xb0\x80").decode()
    body = {"instances": ["가나", {"text": "a"}, {"b64": encoded}]}
    assert client.post(PREDICT, json=body).json() == {
        "predictions": [
            {"label": "a", "score": 2.0, "text_bytes": {"b64": "6rCA64KY"}},
            {"label": "a", "score": 1.0, "text_bytes": {"b64": "YQ=="}},
            {"label": "a", "score": 1.0, "text_bytes": {"b64": encoded}},
        ]
    }


def test_columns(client):
    expected = {"label": ["a", "a"], "score": [2.0, 0.0]}
    for inputs in (["가나", ""], {"text": ["가나", ""]}):
        found = client.post(PREDICT, json={"inputs": inputs}).json()["outputs"]
        assert {name: found[name] for name in expected} == expected


def test_other_signatures(client):
    ids = {"token_ids": [[1, 2], [3, 4]], "segment_ids": [[0, 0], [0, 1]]}
    body = {"signature_name": "tokens", "inputs": ids | {"padding_mask": [[1, 1], [1, 0]]}}
    assert client.post(PREDICT, json=body).json() == {"outputs": [3, 4]}
    rows = [{"token_ids": [1], "segment_ids": [2], "padding_mask": [1]}]
    body = {"signature_name": "tokens", "instances": rows}
    assert client.post("/v1/models/echo/versions/7:predict", json=body).json() == {
        "predictions": [3]
    }


@pytest.mark.parametrize(
    "body, field",
    [
        (b"", "JSON"),
        (b"{", "JSON"),
        (b"[]", "JSON"),
        (b"\xff", "UTF-8"),
        (b'{"instances": ["\\ud83d"]}', "surrogate"),
        (b'{"instances": [NaN]}', "NaN"),
        (b"[" * 3000, "JSON"),
        ({}, "instances"),
        ({"instances": ["a"], "inputs": ["a"]}, "both"),
        ({"instances": []}, "instances"),
        ({"instances": "a"}, "instances"),
        ({"instances": [1]}, "instances.text[0]"),
        ({"instances": [["a"]]}, "instances.text[0]"),
        ({"instances": ["a"] * 7}, "7 rows"),
        ({"instances": [{"txt": "a"}]}, "instances[0].txt"),
        ({"instances": [{"b64": "%%"}]}, "b64"),
        ({"instances": [{"b64": "/w=="}]}, "not UTF-8"),
        ({"instances": ["a"], "more": 1}, "more"),
        ({"inputs": {"text": "a"}}, "inputs.text"),
        ({"inputs": {}}, "inputs.text"),
        ({"inputs": 3}, "inputs.text"),
        ({"signature_name": "no", "instances": ["a"]}, "signature_name"),
        ({"signature_name": 3, "instances": ["a"]}, "signature_name"),
        ({"instances": ["a" * 5000]}, "larger"),
    ],
)
def test_bad_requests_name_their_field(client, body, field):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = client.post(PREDICT, content=body)
    assert response.status_code == 400
    assert list(response.json()) == ["error"] and field in response.json()["error"]


@pytest.mark.parametrize(
    "ids",
    [
        {"token_ids": [[1], [1, 2]]}, {"token_ids": [[1.5]]}, {"token_ids": [[2**31]]},
        {"token_ids": [[True]]}, {"token_ids": [1]}, {"token_ids": [[[1]]]},
        {"token_ids": [[1], [2]]},
    ],
)  # fmt: skip
def test_bad_ids_name_their_field(client, ids):
    inputs = {"token_ids": [[1]], "segment_ids": [[1]], "padding_mask": [[1]]} | ids
    response = client.post(PREDICT, json={"signature_name": "tokens", "inputs": inputs})
    assert response.status_code == 400
    assert "token_ids" in response.json()["error"] or "rows" in response.json()["error"]


def test_what_is_not_there(client):
    for method, path, status in (
        ("GET", "/v1/models/other", 404),
        ("GET", "/v1/models/echo/versions/8", 404),
        ("POST", "/v1/models/other:predict", 404),
        ("POST", "/v1/models/echo/versions/8:predict", 404),
        ("POST", "/v1/models/echo:classify", 400),
        ("POST", "/v1/models/..%2f..%2fetc%2fpasswd:predict", 400),
        ("GET", "/v1/nothing", 400),
        ("GET", f"/v1/models/echo/versions/{'9' * 5000}", 400),
        ("POST", f"/v1/models/echo/versions/{'9' * 5000}:predict", 400),
        ("POST", f"/v2/models/echo/versions/{'9' * 5000}/infer", 400),
        ("GET", "/v2/models/echo/versions/8", 404),
        ("GET", "/nothing", 404),
        ("GET", "/page.js/../../server.py", 404),
    ):
        response = client.request(method, path, content=b'{"instances": ["a"]}')
        assert (response.status_code, list(response.json())) == (status, ["error"]), path
    error = client.post("/v1/models/other:predict", content=b"{}").json()["error"]
    assert error == "Servable not found for request: Latest(other)"


def test_a_failing_model_does_not_fail_other_requests(client):
    with ThreadPoolExecutor(6) as pool:
        bodies = [{"instances": ["boom" if i == 2 else f"text {i}"]} for i in range(6)]
        found = list(pool.map(lambda body: client.post(PREDICT, json=body), bodies))
    assert [response.status_code for response in found] == [200, 200, 500, 200, 200, 200]


def test_a_model_has_answered_short_texts_in_its_own_thread_before_it_serves(tmp_path, monkeypatch):
    run, seen = LoadedModel.run, []

    def recorded(model, signature, inputs):
        words = [len(text.split()) for text in inputs["text"]]
        seen.append((threading.current_thread().name, signature, words))
        return run(model, signature, inputs)

    monkeypatch.setattr(LoadedModel, "run", recorded)
    write_saved_model(tmp_path / "m")
    ModelStore({"m": str(tmp_path / "m")}, LIMITS, ExportOptions()).close()
    found = [words for thread, name, words in seen if (thread, name) == ("m-1", "serving_default")]
    assert found[:32] == [[number] for number in range(1, 33)]


def test_a_model_that_fails_on_a_short_text_leaves_no_thread(tmp_path):
    write_saved_model(tmp_path / "n", fails_on="가 가")
    with pytest.raises(ModelError):
        ModelStore({"n": str(tmp_path / "n")}, LIMITS, ExportOptions())
    assert "n-1" not in {thread.name for thread in threading.enumerate()}


def test_a_request_that_fails_in_a_batch_does_not_fail_the_others(tmp_path):
    write_saved_model(tmp_path / "m", fails_on="boom")
    store = ModelStore({"m": str(tmp_path / "m")}, LIMITS, ExportOptions())
    batcher, release = store.get("m"), threading.Event()
    run, sizes = batcher.model.run, []

    def slow(signature, inputs):
        release.wait(60)
        sizes.append(len(inputs["text"]))
        return run(signature, inputs)

    batcher.model.run = slow
    futures = [
        batcher.submit("serving_default", texts(each)) for each in ("가", "나다", "boom", "")
    ]
    release.set()
    assert [f.result(60)["score"].tolist() for f in (futures[0], futures[1], futures[3])] == [
        [1.0], [2.0], [0.0],
    ]  # fmt: skip
    with pytest.raises(ModelError):
        futures[2].result(60)
    assert max(sizes) > 1  # they were in one batch
    store.close()


def test_the_description_lists_what_is_served(client):
    paths = client.get("/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, told in methods.items():
            place = path.replace("{name}", "echo")
            body = {"instances": ["가"]} if place.endswith("predict") else {"inputs": []}
            status = client.request(method, place, json=body).status_code
            assert status in (200, 400) and ("requestBody" in told) == (method == "post"), path
    (name,) = paths["/v1/models/{name}"]["get"]["parameters"]
    assert name["schema"]["enum"] == ["echo"]
    (model,) = client.get("/api/models").json()["models"]
    assert (model["name"], model["version"], model["input_names"]) == ("echo", 7, ["text"])
    assert set(model["signatures"]) == {"serving_default", "tokens"}


def test_an_answer_that_takes_too_long_is_an_error(tmp_path):
    write_saved_model(tmp_path / "m")
    limits = dataclasses.replace(LIMITS, timeout=0.05)
    store = ModelStore({"m": str(tmp_path / "m")}, limits, ExportOptions())
    batcher, release = store.get("m"), threading.Event()
    run = batcher.model.run
    batcher.model.run = lambda *given: release.wait(60) and run(*given)
    app = HttpApp(store, limits, Metrics(store), "", True).build()
    client = TestClient(app, base_url="http://localhost:8501")
    response = client.post("/v1/models/m:predict", json={"instances": ["가"]})
    assert response.status_code == 504 and "0.05 s" in response.json()["error"]
    release.set()
    store.close()


def test_open_inference_protocol(client):
    assert client.get("/v2").json()["name"] == "kortf"
    for path in ("/v2/health/ready", "/v2/models/echo/ready"):
        assert client.get(path).json() == {"ready": True}
    for path in ("/v2/health/other", "/v2/models/other/ready"):
        assert client.get(path).status_code == 404
    found = client.get("/v2/models/echo").json()
    assert found["inputs"] == [{"name": "text", "datatype": "BYTES", "shape": [-1]}]
    tensor = {"name": "text", "shape": [2], "datatype": "BYTES", "data": ["가나", "다"]}
    answer = client.post("/v2/models/echo/infer", json={"id": "q", "inputs": [tensor]}).json()
    assert (answer["id"], answer["model_name"], answer["model_version"]) == ("q", "echo", "7")
    outputs = {each["name"]: each for each in answer["outputs"]}
    assert outputs["score"] == {
        "name": "score", "shape": [2], "datatype": "FP32", "data": [2.0, 1.0],
    }  # fmt: skip
    for change in (
        {"datatype": "FP32"}, {"shape": [3]}, {"shape": [-1]}, {"shape": [True]}, {"name": "x"},
        {"data": [1, 2]}, {"data": "a"}, {"shape": [10**9, 10**9]}, {"data": [["a"], "b"]},
    ):  # fmt: skip
        response = client.post("/v2/models/echo/infer", json={"inputs": [tensor | change]})
        assert response.status_code == 400 and "inputs[0]" in response.json()["error"]


def test_access(store):
    guarded = client_of(store, token="secret")
    body = {"instances": ["a"]}
    assert guarded.post(PREDICT, json=body).status_code == 401
    wrong = {"Authorization": "Bearer wrong"}
    assert guarded.post(PREDICT, json=body, headers=wrong).status_code == 401
    right = {"Authorization": "Bearer secret"}
    assert guarded.post(PREDICT, json=body, headers=right).status_code == 200
    assert guarded.get("/healthz").status_code == 200
    assert guarded.get("/metrics").status_code == 401
    local = client_of(store)
    assert local.get("/healthz", headers={"Host": "evil.example"}).status_code == 403
    response = local.get("/healthz", headers={"Origin": "http://evil.example"})
    assert "access-control-allow-origin" not in response.headers


def test_an_open_server_needs_a_token():
    for host in ("0.0.0.0", "::", "192.168.0.2", "example.org"):
        assert not is_local(host)
        with pytest.raises(InputError, match="--api_token"):
            ServerSettings(host=host).check()
        ServerSettings(host=host, api_token="x").check()
        ServerSettings(host=host, insecure=True).check()
    for host in ("127.0.0.1", "localhost", "::1"):
        assert is_local(host)
        ServerSettings(host=host).check()


def test_the_page_has_no_external_resource(client):
    response = client.get("/")
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy
    for path in ("/", "/page.js", "/page.css"):
        text = client.get(path).text.replace("http://www.w3.org/2000/svg", "")
        assert "http://" not in text and "https://" not in text and "innerHTML" not in text


def test_metrics_count_and_logs_hold_no_text(client, capfd):
    client.post(PREDICT, json={"instances": ["비밀스러운 문장", "또"]})
    log = capfd.readouterr().err
    row = json.loads(log.splitlines()[-1])
    assert (row["model"], row["rows"], row["status"]) == ("echo", 2, "200")
    assert "비밀" not in log and "\\ube44" not in log
    metrics = client.get("/metrics").text
    assert 'kortf_requests_total{model="echo",protocol="http",status="200"}' in metrics
    assert 'kortf_model_version{model="echo"} 7.0' in metrics


def test_a_full_queue_refuses(tmp_path):
    write_saved_model(tmp_path / "m")
    store = ModelStore({"m": str(tmp_path / "m")}, LIMITS, ExportOptions())
    batcher, release = store.get("m"), threading.Event()
    run = batcher.model.run
    batcher.model.run = lambda *given: release.wait(60) and run(*given)
    futures = [batcher.submit("serving_default", texts("가", "나")) for _ in range(4)]
    with pytest.raises(BusyError):
        batcher.submit("serving_default", texts("다"))
    response = client_of(store).post("/v1/models/m:predict", json={"instances": ["가"]})
    assert response.status_code == 429
    release.set()
    assert [future.result(60)["score"].tolist() for future in futures] == [[1.0, 1.0]] * 4
    store.close()
    with pytest.raises(RetiredError):
        batcher.submit("serving_default", texts("가"))


def test_versions_are_swapped_without_a_failed_request(tmp_path):
    write_saved_model(tmp_path / "1", "1")
    store = ModelStore({"m": str(tmp_path)}, LIMITS, ExportOptions())
    client, stop, seen = client_of(store), threading.Event(), []

    def ask():
        while not stop.is_set():
            seen.append(client.post("/v1/models/m:predict", json={"instances": ["가"]}))

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    write_saved_model(tmp_path / "2.tmp", "2")
    (tmp_path / "2.tmp").rename(tmp_path / "10")
    store.refresh()
    (tmp_path / "11").mkdir()
    (tmp_path / "11" / "saved_model.pb").write_bytes(b"broken")
    store.refresh()
    stop.set()
    for thread in threads:
        thread.join()
    assert {response.status_code for response in seen} == {200}
    found = client.post("/v1/models/m:predict", json={"instances": ["가"]}).json()
    assert found["predictions"][0]["label"] == "2"
    statuses = client.get("/v1/models/m").json()["model_version_status"]
    assert [(each["version"], each["state"]) for each in statuses] == [
        ("11", "END"), ("10", "AVAILABLE"),
    ]  # fmt: skip
    store.close()


def test_names_and_directories_of_models(tmp_path):
    write_saved_model(tmp_path / "a")
    assert parse_models([f"x={tmp_path}/a", f"{tmp_path}/a"]) == {
        "x": f"{tmp_path}/a", "a": f"{tmp_path}/a",
    }  # fmt: skip
    for spec in (f"../x={tmp_path}", f"={tmp_path}", f"a b={tmp_path}", f"x={tmp_path}/absent"):
        with pytest.raises(InputError):
            parse_models([spec])
    with pytest.raises(InputError, match="named twice"):
        parse_models([f"x={tmp_path}", f"x={tmp_path}"])
    with pytest.raises(InputError):
        find_versions(str(tmp_path))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["text", "b64", "name", "shape", "data", "datatype"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)
KEYS = st.sampled_from(["instances", "inputs", "signature_name", "id", "parameters", "x"])


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.dictionaries(KEYS, JSON, max_size=3) | JSON, st.sampled_from([PREDICT, "v2"]))
def test_no_request_makes_the_server_fail(client, body, path):
    path = "/v2/models/echo/infer" if path == "v2" else path
    response = client.post(path, content=json.dumps(body).encode("utf-8", "replace"))
    assert response.status_code in (200, 400)
    assert isinstance(response.json(), dict)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.binary(max_size=200))
def test_no_bytes_make_the_server_fail(client, body):
    assert client.post(PREDICT, content=body).status_code == 400


def test_grpc(store):
    grpc = pytest.importorskip("grpc")
    apis = pytest.importorskip("tensorflow_serving.apis")
    import tensorflow as tf
    from tensorflow_serving.apis import (
        get_model_metadata_pb2,
        get_model_status_pb2,
        model_service_pb2_grpc,
        predict_pb2,
        prediction_service_pb2_grpc,
    )  # fmt: skip

    from kortf.export.serve.grpc_services import GrpcServer

    assert apis
    server = GrpcServer(store, LIMITS, Metrics(store), "secret")
    port = server.start("127.0.0.1:0")
    channel = grpc.insecure_channel(f"127.0.0.1:{port}")
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    allowed = [("authorization", "Bearer secret")]

    def ask(values, name="echo", key="text", metadata=allowed, **more):
        request = predict_pb2.PredictRequest(**more)
        request.model_spec.name = name
        request.inputs[key].CopyFrom(tf.make_tensor_proto(values))
        return stub.Predict(request, metadata=metadata, timeout=60)

    response = ask(["가나", "다"])
    assert tf.make_ndarray(response.outputs["score"]).tolist() == [2.0, 1.0]
    assert tf.make_ndarray(response.outputs["label"]).tolist() == [b"a", b"a"]
    assert response.model_spec.version.value == 7
    assert list(ask(["가"], output_filter=["score"]).outputs) == ["score"]
    for change, code in (
        ({"metadata": []}, "UNAUTHENTICATED"), ({"name": "other"}, "NOT_FOUND"),
        ({"key": "x"}, "INVALID_ARGUMENT"), ({"values": [1]}, "INVALID_ARGUMENT"),
        ({"values": [["a"]]}, "INVALID_ARGUMENT"), ({"values": [b"\xff"]}, "INVALID_ARGUMENT"),
        ({"values": ["a"] * 7}, "INVALID_ARGUMENT"), ({"values": ["boom"]}, "INTERNAL"),
    ):  # fmt: skip
        with pytest.raises(grpc.RpcError) as caught:
            ask(**{"values": ["가"]} | change)
        assert caught.value.code().name == code
    huge = tf.make_tensor_proto(["a"])  # its last value stands for all that are missing
    huge.tensor_shape.dim[0].size = 10**9
    request = predict_pb2.PredictRequest(inputs={"text": huge})
    request.model_spec.name = "echo"
    with pytest.raises(grpc.RpcError, match="INVALID_ARGUMENT"):
        stub.Predict(request, metadata=allowed, timeout=60)
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "echo"
    found = stub.GetModelMetadata(request, metadata=allowed, timeout=60)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    found.metadata["signature_def"].Unpack(signatures)
    assert set(signatures.signature_def) == {"serving_default", "tokens"}
    models = model_service_pb2_grpc.ModelServiceStub(channel)
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "echo"
    status = models.GetModelStatus(request, metadata=allowed, timeout=60)
    assert [(each.version, each.state) for each in status.model_version_status] == [(7, 30)]
    channel.close()
    server.stop(5)
