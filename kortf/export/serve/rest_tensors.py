"""Tensors of TF Serving's REST API: rows or columns of JSON to arrays, and back."""

import base64
import binascii
from typing import Any

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.export.options import SERVING
from kortf.export.serve.batcher import Limits
from kortf.export.serve.errors import RequestError
from kortf.export.serve.input_checks import check_inputs
from kortf.export.serve.loaded_model import Arrays, LoadedModel, Signature
from kortf.strict_json import parse_json

DTYPES = {tf.string: "DT_STRING", tf.float32: "DT_FLOAT", tf.int32: "DT_INT32",
          tf.int64: "DT_INT64", tf.bool: "DT_BOOL", tf.float64: "DT_DOUBLE"}  # fmt: skip


def parse_body(body: bytes) -> dict:
    """Return the JSON object of a request.

    Raises:
        RequestError: It is not UTF-8 or not a JSON object.
    """
    try:
        found = parse_json(body.decode("utf-8"), "JSON Parse error")
    except UnicodeDecodeError as error:
        raise RequestError(f"JSON Parse error: not UTF-8 at byte {error.start}") from error
    except InputError as error:
        raise RequestError(str(error)) from error
    if not isinstance(found, dict):
        raise RequestError("JSON Parse error: the request is not an object")
    return found


def find_signature(model: LoadedModel, name: Any) -> tuple[str, Signature]:
    """Return a signature by name, `serving_default` for None or "".

    Raises:
        RequestError: There is no such signature.
    """
    name = name or SERVING
    if not isinstance(name, str) or name not in model.signatures:
        known = ", ".join(model.signatures)
        raise RequestError(f"signature_name: no signature {str(name)[:80]!r}; there are {known}")
    return name, model.signatures[name]


def parse_predict(body: bytes, model: LoadedModel, limits: Limits) -> tuple[str, Arrays, bool]:
    """Return signature, inputs, and whether the request is in the row form.

    Raises:
        RequestError: The request is not valid, with the field.
    """
    request = parse_body(body)
    unknown = set(request) - {"signature_name", "instances", "inputs"}
    if unknown:
        raise RequestError(f"{sorted(unknown)[0][:80]}: unknown field of a predict request")
    rows = "instances" in request
    if rows == ("inputs" in request):
        told = "has both" if rows else "has neither"
        raise RequestError(f"the request {told} 'instances' (rows) and 'inputs' (columns)")
    name, signature = find_signature(model, request.get("signature_name"))
    if rows:
        columns = _columns_of_rows(request["instances"], signature)
    else:
        columns = _columns_of_inputs(request["inputs"], signature)
    arrays = {
        key: to_array(columns[key], spec, f"{'instances' if rows else 'inputs'}.{key}")
        for key, spec in signature.inputs.items()
    }
    check_inputs(arrays, signature, model.description, limits)
    return name, arrays, rows


def _columns_of_rows(instances: Any, signature: Signature) -> dict[str, list]:
    if not isinstance(instances, list) or not instances:
        raise RequestError("instances: expected a list of at least one row")
    names = list(signature.inputs)
    columns: dict[str, list] = {name: [] for name in names}
    for i, row in enumerate(instances):
        named = isinstance(row, dict) and not set(row) == {"b64"}
        if not named:
            if len(names) > 1:
                raise RequestError(f"instances[{i}]: expected an object with {', '.join(names)}")
            columns[names[0]].append(row)
            continue
        for name in row:
            if name not in columns:
                raise RequestError(f"instances[{i}].{name[:80]}: unknown input")
        for name in names:
            if name not in row:
                raise RequestError(f"instances[{i}].{name}: missing")
            columns[name].append(row[name])
    return columns


def _columns_of_inputs(inputs: Any, signature: Signature) -> dict[str, Any]:
    names = list(signature.inputs)
    if not isinstance(inputs, dict) or set(inputs) == {"b64"}:
        if len(names) > 1:
            raise RequestError(f"inputs: expected an object with {', '.join(names)}")
        return {names[0]: inputs}
    for name in inputs:
        if name not in names:
            raise RequestError(f"inputs.{name[:80]}: unknown input")
    for name in names:
        if name not in inputs:
            raise RequestError(f"inputs.{name}: missing")
    return inputs


def to_array(values: Any, spec: tf.TensorSpec, place: str) -> np.ndarray:
    """Return JSON values as an array of a spec.

    Raises:
        RequestError: A value has another type or rank, with its place.
    """
    if not isinstance(values, list):
        raise RequestError(f"{place}: expected a list, rank {spec.shape.rank}")
    if spec.dtype == tf.string:
        if spec.shape.rank != 1:
            raise RequestError(f"{place}: only rank 1 is supported for strings")
        found = [to_bytes(value, f"{place}[{i}]") for i, value in enumerate(values)]
        array = np.empty(len(found), object)
        array[:] = found
        return array
    _check_numbers(values, spec, place, 1)
    try:
        array = np.array(values, spec.dtype.as_numpy_dtype)
    except (ValueError, OverflowError, TypeError) as error:
        raise RequestError(f"{place}: rows of unequal length, or a number out of range") from error
    if array.ndim != spec.shape.rank:
        if array.size:
            raise RequestError(f"{place}: rank {array.ndim}, expected {spec.shape.rank}")
        raise RequestError(f"{place}: no values")
    if not spec.shape.is_compatible_with(array.shape):
        raise RequestError(f"{place}: shape {list(array.shape)}, expected {spec.shape}")
    return array


def _check_numbers(values: list, spec: tf.TensorSpec, place: str, rank: int) -> None:
    for i, value in enumerate(values):
        here = f"{place}[{i}]"
        if rank < spec.shape.rank:
            if not isinstance(value, list):
                raise RequestError(f"{here}: expected a list, rank {spec.shape.rank}")
            _check_numbers(value, spec, here, rank + 1)
            continue
        whole = isinstance(value, int) and not isinstance(value, bool)
        if spec.dtype.is_integer:
            if not whole or not spec.dtype.min <= value <= spec.dtype.max:
                raise RequestError(f"{here}: expected an integer ({spec.dtype.name})")
        elif spec.dtype == tf.bool:
            if not isinstance(value, bool):
                raise RequestError(f"{here}: expected true or false")
        elif not (whole or isinstance(value, float)):
            raise RequestError(f"{here}: expected a number")


def to_bytes(value: Any, place: str) -> bytes:
    """Return a JSON string, or `{"b64": …}`, as UTF-8 bytes.

    Raises:
        RequestError: It is neither, or not UTF-8.
    """
    if isinstance(value, str):
        return value.encode("utf-8")  # the parser has refused halves of surrogate pairs
    if isinstance(value, dict) and set(value) == {"b64"} and isinstance(value["b64"], str):
        try:
            data = base64.b64decode(value["b64"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise RequestError(f"{place}.b64: not base64") from error
        return check_utf8(data, f"{place}.b64")
    if isinstance(value, list):
        raise RequestError(f"{place}: rank 2, expected a string")
    raise RequestError(f"{place}: expected a string")


def check_utf8(data: bytes, place: str) -> bytes:
    """Return bytes that are UTF-8.

    Raises:
        RequestError: They are not, with the byte.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(f"{place}: not UTF-8 at byte {error.start}") from error
    return data


def to_json(arrays: Arrays, rows: bool) -> dict:
    """Return the JSON object of an answer, in the row or the column form."""
    columns = {name: _values(array, name) for name, array in arrays.items()}
    if not rows:
        only = next(iter(columns.values())) if len(columns) == 1 else columns
        return {"outputs": only}
    if len(columns) == 1:
        return {"predictions": next(iter(columns.values()))}
    names = list(columns)
    found = zip(*columns.values(), strict=True)
    return {"predictions": [dict(zip(names, row, strict=True)) for row in found]}


def _values(array: np.ndarray, name: str) -> Any:
    if array.dtype != object:
        return array.tolist()
    binary = name.endswith("_bytes")

    def spell(value: bytes):
        if binary:
            return {"b64": base64.b64encode(value).decode()}
        return value.decode("utf-8", "replace")

    return _map(array.tolist(), spell)


def _map(values: Any, function) -> Any:
    if isinstance(values, list):
        return [_map(value, function) for value in values]
    return function(values)


def metadata(model: LoadedModel) -> dict:
    """Return the answer of the metadata endpoint; `metadata.kortf` has labels and kind."""
    signatures = {
        name: {
            "inputs": {
                key: _tensor_info(spec, f"{name}_{key}:0") for key, spec in s.inputs.items()
            },
            "outputs": {
                key: _tensor_info(spec, f"StatefulPartitionedCall:{i}")
                for i, (key, spec) in enumerate(s.outputs.items())
            },
            "method_name": "tensorflow/serving/predict",
        }
        for name, s in model.signatures.items()
    }
    version = {"name": model.name, "signature_name": "", "version": str(model.version)}
    description = {k: v for k, v in model.description.items() if k not in ("signatures",)}
    return {
        "model_spec": version,
        "metadata": {"signature_def": {"signature_def": signatures}, "kortf": description},
    }


def _tensor_info(spec: tf.TensorSpec, name: str) -> dict:
    sizes = [] if spec.shape.rank is None else spec.shape.as_list()
    return {
        "dtype": DTYPES.get(spec.dtype, f"DT_{spec.dtype.name.upper()}"),
        "tensor_shape": {
            "dim": [{"size": str(-1 if size is None else size), "name": ""} for size in sizes],
            "unknown_rank": spec.shape.rank is None,
        },
        "name": name,
    }
