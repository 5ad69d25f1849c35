"""TF Serving's gRPC services: PredictionService and ModelService.

The stubs come from `tensorflow-serving-api`.
"""

import hmac
import math
import time
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from kortf.export.serve import rest_tensors
from kortf.export.serve.batcher import Limits
from kortf.export.serve.errors import (
    ModelError,
    RequestError,
    RetiredError,
    SlowError,
    UnauthorizedError,
)
from kortf.export.serve.input_checks import check_inputs
from kortf.export.serve.loaded_model import Arrays, LoadedModel, Signature
from kortf.export.serve.metrics import Metrics, log_request
from kortf.export.serve.model_store import ModelStore

_WORKERS = 64


class GrpcServer:
    """A gRPC server over the models of a store.

    Args:
        store: The models.
        limits: Bounds on requests.
        metrics: Counts.
        api_token: Token that requests must carry as metadata `authorization`; "" for none.
    """

    def __init__(self, store: ModelStore, limits: Limits, metrics: Metrics, api_token: str):
        self._store, self._limits, self._metrics = store, limits, metrics
        self._token = f"Bearer {api_token}".encode() if api_token else b""
        options = [("grpc.max_receive_message_length", limits.max_bytes), ("grpc.so_reuseport", 0)]
        self._server = grpc.server(ThreadPoolExecutor(_WORKERS), options=options)
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(
            _Prediction(self), self._server
        )
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(_Models(self), self._server)

    def start(self, address: str) -> int:
        """Listen at `host:port`; return the port."""
        port = self._server.add_insecure_port(address)
        self._server.start()
        return port

    def stop(self, grace: float) -> None:
        """Refuse new requests and finish those at hand."""
        self._server.stop(grace).wait()

    def answer(self, method: str, spec, context, handler):
        """Run a handler: access, errors, metrics and the log."""
        began, rows, failure = time.perf_counter(), 0, None
        response, name = None, spec.name
        try:
            self._check_access(context)
            version = spec.version.value if spec.HasField("version") else None
            response, rows = handler(name, version)
        except RequestError as error:
            failure = error
        except Exception as error:
            log_request("grpc", method, "INTERNAL", 0, error=repr(error)[:300])
            failure = ModelError(f"internal error: {type(error).__name__}")
        code = failure.code if failure else "OK"
        seconds = time.perf_counter() - began
        known = name if name in self._store.names else ""
        self._metrics.count(known, "grpc", code, rows, seconds)
        log_request("grpc", method, code, seconds, model=known, rows=rows)
        if failure:
            context.abort(getattr(grpc.StatusCode, code), str(failure))
        return response

    def _check_access(self, context) -> None:
        given = dict(context.invocation_metadata()).get("authorization", "")
        if self._token and not hmac.compare_digest(_bytes(given), self._token):
            raise UnauthorizedError("missing or wrong token; send the metadata 'authorization'")

    def predict(self, request, name: str, version: int | None):
        """Answer a PredictRequest."""
        batcher = self._store.get(name, version)
        model = batcher.model
        key, signature = rest_tensors.find_signature(model, request.model_spec.signature_name)
        arrays = _inputs(request, signature, self._limits)
        check_inputs(arrays, signature, model.description, self._limits)
        while True:
            try:
                future = batcher.submit(key, arrays)
                break
            except RetiredError:
                time.sleep(0.001)
                batcher = self._store.get(name, version)
        try:
            found = future.result(self._limits.timeout)
        except FutureTimeoutError as error:
            raise SlowError(f"no answer within {self._limits.timeout:g} s") from error
        wanted = list(request.output_filter) or list(found)
        unknown = [each for each in wanted if each not in found]
        if unknown:
            raise RequestError(f"output_filter: there is no output '{unknown[0][:80]}'")
        response = predict_pb2.PredictResponse()
        response.model_spec.CopyFrom(_spec(batcher.model, key))
        for each in wanted:
            response.outputs[each].CopyFrom(tf.make_tensor_proto(found[each]))
        return response, len(next(iter(arrays.values())))

    def metadata(self, request, name: str, version: int | None):
        """Answer a GetModelMetadataRequest."""
        from google.protobuf import json_format

        if list(request.metadata_field) not in ([], ["signature_def"]):
            raise RequestError("metadata_field: only signature_def is supported")
        model = self._store.get(name, version).model
        told = rest_tensors.metadata(model)["metadata"]["signature_def"]
        signatures = get_model_metadata_pb2.SignatureDefMap()
        json_format.ParseDict(_camel(told), signatures)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.CopyFrom(_spec(model, ""))
        response.metadata["signature_def"].Pack(signatures)
        return response, 0

    def status(self, name: str, version: int | None):
        """Answer a GetModelStatusRequest."""
        response = get_model_status_pb2.GetModelStatusResponse()
        if version is not None:
            self._store.get(name, version)
        for status in self._store.statuses(name):
            if version in (None, int(status["version"])):
                found = response.model_version_status.add()
                found.version = int(status["version"])
                found.state = getattr(get_model_status_pb2.ModelVersionStatus, status["state"])
                found.status.error_message = status["status"]["error_message"]
        return response, 0


class _Prediction(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, server: GrpcServer):
        self._server = server

    def Predict(self, request, context):
        return self._server.answer(
            "/tensorflow.serving.PredictionService/Predict", request.model_spec, context,
            lambda *model: self._server.predict(request, *model),
        )  # fmt: skip

    def GetModelMetadata(self, request, context):
        return self._server.answer(
            "/tensorflow.serving.PredictionService/GetModelMetadata", request.model_spec, context,
            lambda *model: self._server.metadata(request, *model),
        )  # fmt: skip


class _Models(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, server: GrpcServer):
        self._server = server

    def GetModelStatus(self, request, context):
        return self._server.answer(
            "/tensorflow.serving.ModelService/GetModelStatus", request.model_spec, context,
            self._server.status,
        )  # fmt: skip


def _inputs(request, signature: Signature, limits: Limits) -> Arrays:
    arrays: Arrays = {}
    for name in request.inputs:
        if name not in signature.inputs:
            raise RequestError(f"inputs.{name[:80]}: unknown input")
    for name, spec in signature.inputs.items():
        if name not in request.inputs:
            raise RequestError(f"inputs.{name}: missing")
        _check_shape(request.inputs[name].tensor_shape, f"inputs.{name}", limits)
        try:
            array = tf.make_ndarray(request.inputs[name])
        except (ValueError, TypeError) as error:
            raise RequestError(f"inputs.{name}: not a valid tensor") from error
        same = array.dtype == (object if spec.dtype == tf.string else spec.dtype.as_numpy_dtype)
        if not same:
            raise RequestError(f"inputs.{name}: expected {spec.dtype.name}")
        if array.ndim != spec.shape.rank:
            raise RequestError(f"inputs.{name}: rank {array.ndim}, expected {spec.shape.rank}")
        if spec.dtype == tf.string:
            for i, value in enumerate(array):
                rest_tensors.check_utf8(value, f"inputs.{name}[{i}]")
        arrays[name] = np.asarray(array)
    return arrays


def _check_shape(shape, place: str, limits: Limits) -> None:
    """Refuse a shape of more values than a request can hold: a tensor may repeat its last one."""
    sizes = [each.size for each in shape.dim]
    if shape.unknown_rank or any(size < 0 for size in sizes):
        raise RequestError(f"{place}: the shape has an unknown size")
    if math.prod(sizes) > limits.max_bytes:
        raise RequestError(f"{place}: shape {sizes[:8]} has more than {limits.max_bytes} values")


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode()


def _spec(model: LoadedModel, signature: str):
    from tensorflow_serving.apis import model_pb2

    spec = model_pb2.ModelSpec(name=model.name, signature_name=signature)
    spec.version.value = model.version
    return spec


def _camel(value: dict) -> dict:
    return {"signatureDef": value["signature_def"]}
