"""Python, REST and gRPC give equal answers; recorded requests of TF Serving get their responses."""

import contextlib
import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

pytest.importorskip("starlette")
pytest.importorskip("prometheus_client")
grpc = pytest.importorskip("grpc")
pytest.importorskip("tensorflow_serving.apis")

from starlette.testclient import TestClient  # noqa: E402
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc  # noqa: E402

import kortf  # noqa: E402
from kortf import models, objectives, tasks  # noqa: E402
from kortf.export.heads.answers import answer  # noqa: E402
from kortf.export.options import ExportOptions  # noqa: E402
from kortf.export.serve.batcher import Limits  # noqa: E402
from kortf.export.serve.grpc_services import GrpcServer  # noqa: E402
from kortf.export.serve.http_app import HttpApp  # noqa: E402
from kortf.export.serve.loaded_model import LoadedModel  # noqa: E402
from kortf.export.serve.metrics import Metrics  # noqa: E402
from kortf.export.serve.model_store import ModelStore  # noqa: E402
from kortf.pretrained.directory.directory import save_pretrained  # noqa: E402
from kortf.text.tokenizer.tokenizer import Tokenizer  # noqa: E402
from kortf.train.evaluation.scoring import Scorer  # noqa: E402
from kortf.train.results.finetuning_results import save_finetuned  # noqa: E402

PAIRS = pathlib.Path(__file__).parents[2] / "harness" / "export" / "tf_serving_pairs.json"
STATE = {"관광-종류": ["none", "박물관", "공원"], "숙소-지역": ["none", "서울"]}
TASKS = {
    "sts": ("korsts", {}),
    "ner": ("klue_ner", {}),
    "qa": ("korquad", {}),
    "labels": ("multi_label", {"classes": ["욕설", "비하", "기타"]}),
    "choice": ("kobest_hellaswag", {}),
    "tree": ("klue_dp", {}),
    "relation": ("klue_re", {}),
    "state": ("klue_wos", {"values": STATE}),
    "sentence": ("embedding", {}),
    "late": ("embedding", {"interaction": "late", "token_width": 4, "skip_punctuation": True}),
}
ROWS = {
    "text": ["정말 재미있는 영화였다.", "", "나는 [MASK] 봤다 [MASK]", "지루하다 " * 30],
    "text_pair": ["재미있다", "영화", "", "시간이 아깝다"],
    "question": ["누가 만들었나?", "무엇인가?", "언제?", "어디?"],
    "context": ["세종대왕이 만들었다.", "한글이다. " * 20, "1443년 서울", "서울"],
    "turn": ["서울에서 갈 곳이 있나요?", "", "박물관이요", "숙소도 " * 20],
    "history": ["", "안녕하세요. | 네.", "어디요?", "공원이요."],
    "choice1": ["재미있다.", "", "영화", "시간이 아깝다"],
    "choice2": ["지루하다.", "그렇다.", "", "재미있다 " * 20],
    "choice3": ["모른다.", "아니다.", "나", "영화"],
    "choice4": ["좋다.", "싫다.", "너", ""],
}
SLOW = (*TASKS, "mask", "vector", "gpt")
PREDICT = "/v1/models/m:predict"
LIMITS = Limits(max_batch=8)


@pytest.fixture
def directory(request, untrained, saved_model_dir, pretrained_dir, tmp_path):
    """Directory of a model of one kind; `nsmc` is an exported SavedModel."""
    name, (encoder, vocabulary) = request.param, untrained
    if name in ("nsmc", "mask"):
        return str(saved_model_dir if name == "nsmc" else pretrained_dir)
    if name in TASKS:
        benchmark, settings = TASKS[name]
        task = tasks.build(benchmark, **settings)
        task.build(encoder.hidden_dim, 0.3, 0.1)
        save_finetuned(tmp_path / "m", Scorer(encoder, task, Tokenizer(vocabulary), max_length=20))
    elif name == "gpt":
        sizes = {"num_layers": 1, "num_heads": 2, "hidden_dim": 8, "max_length": 24}
        gpt = models.build("gpt", vocabulary_size=vocabulary.size, **sizes)
        causal = objectives.build("causal_lm")
        causal.build(gpt)
        save_pretrained(tmp_path / "m", gpt, vocabulary, {"causal_lm": causal.heads[0]})
    else:
        save_pretrained(tmp_path / "m", encoder, vocabulary)
    return str(tmp_path / "m")


@contextlib.contextmanager
def doors(directory: str):
    """A REST client and a gRPC stub of one server of the model `m`."""
    store = ModelStore({"m": directory}, LIMITS, ExportOptions())
    metrics = Metrics(store)
    server = GrpcServer(store, LIMITS, metrics, "")
    port = server.start("127.0.0.1:0")
    client = TestClient(HttpApp(store, LIMITS, metrics, "", True).build(), "http://localhost")
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield client, prediction_service_pb2_grpc.PredictionServiceStub(channel)
    server.stop(5)
    store.close()


@pytest.mark.parametrize(
    "directory",
    ["nsmc", *(pytest.param(name, marks=pytest.mark.exhaustive) for name in SLOW)],
    indirect=True,
)
def test_python_rest_and_grpc_answer_alike(directory, monkeypatch):
    monkeypatch.setattr(LoadedModel, "warm_up", lambda self: None)
    model = kortf.load(directory)
    columns = {key: ROWS[key] for key in model.inputs}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    expected = [{k: v for k, v in row.items() if k not in columns} for row in model.predict(rows)]
    with doors(directory) as (client, stub):
        response = client.post(PREDICT, json={"instances": rows})
        assert response.status_code == 200, response.text
        only = next(iter(expected[0]))  # a model with one output answers without its name
        found = [
            answer(_arrays(row if isinstance(row, dict) else {only: row}), model.description)
            for row in response.json()["predictions"]
        ]
        _check(expected, found)

        request = predict_pb2.PredictRequest()
        request.model_spec.name = "m"
        for key, texts in columns.items():
            request.inputs[key].CopyFrom(tf.make_tensor_proto(texts))
        outputs = stub.Predict(request, timeout=60).outputs
    arrays = {key: tf.make_ndarray(value) for key, value in outputs.items()}
    by_row = [{key: value[i] for key, value in arrays.items()} for i in range(len(rows))]
    _check(expected, [answer(row, model.description) for row in by_row])


def _arrays(row: dict) -> dict:
    """Return the values of a row of JSON as the model gave them: strings are bytes."""

    def array(value):
        value = np.array(value)
        if value.dtype.kind == "U":
            value = np.array([text.encode() for text in value.ravel()], object).reshape(value.shape)
        return value[()] if value.ndim == 0 else value

    return {key: array(value) for key, value in row.items()}


def _check(expected, found) -> None:
    """Equal, numbers up to the rounding of another batch."""
    if isinstance(expected, dict):
        assert expected.keys() == found.keys()
        for key in expected:
            _check(expected[key], found[key])
    elif isinstance(expected, list):
        assert len(expected) == len(found)
        for one, other in zip(expected, found, strict=True):
            _check(one, other)
    else:
        assert found == (pytest.approx(expected, abs=1e-5) if type(expected) is float else expected)


def test_recorded_pairs_of_tf_serving(tmp_path):
    tf.saved_model.save(_half_plus_three(), str(tmp_path / "half" / "123"))
    tf.saved_model.save(_tagged(), str(tmp_path / "tagged" / "1"))
    names = {"half_plus_three": str(tmp_path / "half"), "tagged": str(tmp_path / "tagged")}
    store = ModelStore(names, LIMITS, ExportOptions())
    client = TestClient(
        HttpApp(store, LIMITS, Metrics(store), "", True).build(), "http://localhost"
    )
    for pair in json.loads(PAIRS.read_text()):
        body = json.dumps(pair["request"]) if "request" in pair else None
        response = client.request(pair["method"], pair["path"], content=body)
        assert response.status_code == pair["status"], pair
        assert _within(pair["response"], response.json()), (pair, response.json())
    store.close()


def _within(expected, found) -> bool:
    """Whether all that is expected is found; objects may have more keys."""
    if isinstance(expected, dict):
        return isinstance(found, dict) and all(
            key in found and _within(value, found[key]) for key, value in expected.items()
        )
    if isinstance(expected, list):
        return len(expected) == len(found) and all(map(_within, expected, found))
    return expected == found


def _half_plus_three() -> tf.Module:
    module = tf.Module()
    spec = tf.TensorSpec([None], tf.float32, "x")
    module.__call__ = tf.function(lambda x: {"y": x / 2 + 3}, input_signature=[spec])
    return module


def _tagged() -> tf.Module:
    def call(tag, signal, sensor):
        total = tf.reduce_sum(signal, 1) + tf.reduce_sum(sensor, [1, 2])
        return {"tag": tag, "total": total, "corner": sensor[:, 0, 0]}

    module = tf.Module()
    specs = [
        tf.TensorSpec([None], tf.string, "tag"),
        tf.TensorSpec([None, 5], tf.float32, "signal"),
        tf.TensorSpec([None, 2, 2], tf.float32, "sensor"),
    ]
    module.__call__ = tf.function(call, input_signature=specs)
    return module
