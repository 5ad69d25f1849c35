"""Tensors of the Open Inference Protocol (version 2): JSON to arrays, and back."""

from typing import Any

import numpy as np
import tensorflow as tf

from kortf.export.serve.batcher import Limits
from kortf.export.serve.errors import RequestError
from kortf.export.serve.input_checks import check_inputs
from kortf.export.serve.loaded_model import Arrays, LoadedModel
from kortf.export.serve.rest_tensors import find_signature, parse_body, to_array

DATATYPES = {tf.string: "BYTES", tf.float32: "FP32", tf.float64: "FP64", tf.int32: "INT32",
             tf.int64: "INT64", tf.bool: "BOOL"}  # fmt: skip


def parse_infer(body: bytes, model: LoadedModel, limits: Limits) -> tuple[str, Arrays, dict]:
    """Return signature, inputs, and the request.

    The request parameter `signature_name` chooses another signature than `serving_default`.

    Raises:
        RequestError: The request is not valid, with the field.
    """
    request = parse_body(body)
    parameters = request.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise RequestError("parameters: expected an object")
    name, signature = find_signature(model, parameters.get("signature_name"))
    given = request.get("inputs")
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise RequestError("inputs: expected a list of tensors")
    arrays: Arrays = {}
    for i, tensor in enumerate(given):
        key = tensor.get("name")
        if not isinstance(key, str) or key not in signature.inputs:
            raise RequestError(f"inputs[{i}].name: expected one of {', '.join(signature.inputs)}")
        if key in arrays:
            raise RequestError(f"inputs[{i}].name: '{key}' is there twice")
        arrays[key] = _array(tensor, signature.inputs[key], f"inputs[{i}]")
    missing = [key for key in signature.inputs if key not in arrays]
    if missing:
        raise RequestError(f"inputs: no tensor '{missing[0]}'")
    check_inputs(arrays, signature, model.description, limits)
    if not isinstance(request.get("id", ""), str):
        raise RequestError("id: expected a string")
    return name, arrays, request


def _array(tensor: dict, spec: tf.TensorSpec, place: str) -> np.ndarray:
    wanted = DATATYPES[spec.dtype]
    if tensor.get("datatype") != wanted:
        raise RequestError(f"{place}.datatype: expected {wanted}")
    shape, data = tensor.get("shape"), tensor.get("data")
    usable = isinstance(shape, list) and all(
        isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 1 << 31 for n in shape
    )
    if not usable or len(shape) not in (spec.shape.rank, spec.shape.rank + 1):
        raise RequestError(f"{place}.shape: expected {spec.shape.rank} sizes")
    if not isinstance(data, list):
        raise RequestError(f"{place}.data: expected a list")
    flat: Any = data
    while flat and isinstance(flat[0], list):
        if not all(isinstance(row, list) for row in flat):
            raise RequestError(f"{place}.data: rows of unequal rank")
        flat = [value for row in flat for value in row]
    count = 1
    for size in shape:
        count *= size
    if len(flat) != count:
        raise RequestError(f"{place}.data: {len(flat)} values, expected {count} by the shape")
    array = to_array(flat, tf.TensorSpec([None], spec.dtype), f"{place}.data")
    if len(shape) > spec.shape.rank and shape[-1] == 1:  # [batch, 1], as some clients write it
        shape = shape[:-1]
    if len(shape) != spec.shape.rank:
        raise RequestError(f"{place}.shape: expected {spec.shape.rank} sizes")
    return array.reshape(shape)


def infer_response(model: LoadedModel, found: Arrays, request: dict) -> dict:
    """Return the answer of an infer request."""
    outputs = []
    for name, array in found.items():
        text = array.dtype == object
        flat = array.reshape(-1).tolist()
        data = [value.decode("utf-8", "replace") for value in flat] if text else flat
        datatype = "BYTES" if text else DATATYPES[tf.as_dtype(array.dtype)]
        outputs.append(
            {"name": name, "shape": list(array.shape), "datatype": datatype, "data": data}
        )
    answer = {"model_name": model.name, "model_version": str(model.version), "outputs": outputs}
    return answer | ({"id": request["id"]} if "id" in request else {})


def model_metadata(model: LoadedModel) -> dict:
    """Return the metadata of a model."""
    name, signature = find_signature(model, None)

    def tensors(specs):
        return [
            {"name": key, "datatype": DATATYPES[spec.dtype], "shape": _shape(spec)}
            for key, spec in specs.items()
        ]

    return {
        "name": model.name,
        "versions": [str(model.version)],
        "platform": "tensorflow_savedmodel",
        "inputs": tensors(signature.inputs),
        "outputs": tensors(signature.outputs),
    }


def _shape(spec: tf.TensorSpec) -> list[int]:
    return [-1 if size is None else size for size in spec.shape.as_list()]
