"""Rivals of `benchmarks.serving`: each answers texts with labels, from files of one directory.

The files are written once, by `prepare`. A rival reads its own when it is built, so that no process
holds the library of another.
"""

import importlib.util
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Callable, Sequence

ROWS, AT_ONCE = 64, 16
NAMES = ("input_ids", "attention_mask", "token_type_ids")
Answer = Callable[[Sequence[str]], list[str]]


class Files:
    """The files of a comparison.

    Args:
        directory: Directory that keeps them.
        model: Model directory of a classifier.
    """

    def __init__(self, directory: pathlib.Path, model: pathlib.Path):
        self.model = model
        self.saved_model = directory / "saved_model"
        self.onnx = directory / "model.onnx"
        self.onnx_int8 = directory / "model.int8.onnx"


def prepare(files: Files) -> None:
    """Write the missing files: the SavedModel and, if their packages are installed, ONNX files."""
    if not files.saved_model.exists():
        command = [sys.executable, "-m", "kortf", "export", f"--model={files.model}"]
        command += [f"--output={files.saved_model}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    if not files.onnx_int8.exists() and installed(*TORCH, *ONNX):
        command = [sys.executable, "-m", "benchmarks.serving_rivals", files.model, files.onnx]
        subprocess.run([*command, files.onnx_int8], check=True, stdout=subprocess.DEVNULL)


def installed(*packages: str) -> bool:
    """Return whether all packages are installed."""
    return all(importlib.util.find_spec(package) for package in packages)


def saved_model(directory: pathlib.Path) -> Answer:
    """Answer by a SavedModel of kortf, in TensorFlow's loader, as `kortf serve` sets it up."""
    from kortf.cores import models_stay

    models_stay()
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  its operations are in the graph

    model = tf.saved_model.load(str(directory))
    function = model.signatures["serving_default"]

    def answer(rows: Sequence[str]) -> list[str]:
        assert model is not None  # it holds the variables of its signatures
        return [label.decode() for label in function(text=tf.constant(rows))["label"].numpy()]

    return answer


def kortf_openvino(files: Files, weights: str = "float32") -> Answer:
    """Answer by the engine of `kortf serve --engine=openvino`."""
    import kortf
    from kortf.export.options import ExportOptions

    options = ExportOptions(engine="openvino", weights=weights)
    model = kortf.load(files.model, options=options, batch_size=ROWS)
    return lambda rows: [answer["label"] for answer in model.predict(rows)]


def torch_model(files: Files, compiled: bool = False) -> Answer:
    """Answer by torch, with transformers' model."""
    import torch

    torch.set_num_threads(os.cpu_count() or 1)
    model = _transformers_model(files.model)
    if compiled:
        model = torch.compile(model, dynamic=True)

    def scores(batch):
        with torch.inference_mode():
            given = {name: torch.from_numpy(value) for name, value in batch.items()}
            return model(**given).logits.numpy()

    return in_batches(scores, files.model)


def openvino_model(files: Files) -> Answer:
    """Answer by OpenVINO, converted from torch."""
    import openvino
    import torch

    model = _transformers_model(files.model)
    example = {name: torch.ones((2, 8), dtype=torch.int64) for name in NAMES}
    converted = openvino.convert_model(model, example_input=example)
    # The other rivals compute in float32 too; without it OpenVINO may choose bfloat16.
    hints = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    compiled = openvino.Core().compile_model(converted, "CPU", hints)
    return in_batches(lambda batch: compiled(dict(batch))[0], files.model)


def onnx_model(path: pathlib.Path, files: Files) -> Answer:
    """Answer by ONNX Runtime, exported from torch."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count() or 1
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    return in_batches(lambda batch: session.run(None, dict(batch))[0], files.model)


TORCH = ("torch", "transformers")
ONNX = ("onnx", "onnxruntime")
# Each rival with the packages that it needs.
RIVALS: dict[str, tuple[Callable[[Files], Answer], tuple[str, ...]]] = {
    "kortf SavedModel": (lambda files: saved_model(files.saved_model), ()),
    "kortf OpenVINO fp32": (kortf_openvino, ("openvino",)),
    "kortf OpenVINO int8": (lambda files: kortf_openvino(files, "int8"), ("openvino", "nncf")),
    "ONNX Runtime fp32": (lambda files: onnx_model(files.onnx, files), (*TORCH, *ONNX)),
    "ONNX Runtime int8": (lambda files: onnx_model(files.onnx_int8, files), (*TORCH, *ONNX)),
    "OpenVINO fp32": (openvino_model, (*TORCH, "openvino")),
    "torch": (torch_model, TORCH),
    "torch compiled": (lambda files: torch_model(files, True), TORCH),
}


def in_batches(scores: Callable, model: pathlib.Path) -> Answer:
    """Return a function of texts: tokenizers, then `scores` for 16 rows of similar length."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    tokenizer.enable_truncation(config.get("kortf", {}).get("max_length") or 512)
    names = {int(number): label for number, label in config["id2label"].items()}

    def answer(rows: Sequence[str]) -> list[str]:
        encoded = tokenizer.encode_batch(list(rows))
        order = sorted(range(len(rows)), key=lambda i: len(encoded[i].ids))
        labels = [""] * len(rows)
        for begin in range(0, len(order), AT_ONCE):
            index = order[begin : begin + AT_ONCE]
            longest = len(encoded[index[-1]].ids)
            ids = np.full((len(index), longest), config.get("pad_token_id") or 0, np.int64)
            mask = np.zeros_like(ids)
            for place, i in enumerate(index):
                row = encoded[i].ids
                ids[place, : len(row)], mask[place, : len(row)] = row, 1
            best = scores(dict(zip(NAMES, (ids, mask, ids * 0), strict=True))).argmax(axis=1)
            for place, i in enumerate(index):
                labels[i] = names[int(best[place])]
        return labels

    return answer


def _transformers_model(directory: pathlib.Path):
    import transformers

    return transformers.AutoModelForSequenceClassification.from_pretrained(directory).eval()


def _write_onnx(model: str, path: str, quantized: str) -> None:
    import torch
    from onnxruntime.quantization import quantize_dynamic

    example = tuple(torch.ones((2, 8), dtype=torch.int64) for _ in NAMES)
    axes = {name: {0: "batch", 1: "seq"} for name in NAMES}
    torch.onnx.export(
        _transformers_model(pathlib.Path(model)), example, path, input_names=list(NAMES),
        output_names=["logits"], dynamic_axes=axes, dynamo=False,
    )  # fmt: skip
    quantize_dynamic(path, quantized)


if __name__ == "__main__":
    _write_onnx(*sys.argv[1:])
