"""Served classifiers: strings in, labels out, each rival in a process of its own.

    python -m benchmarks.serving --model=MODEL_DIR --input=FILE [--rounds=30]

The model directory is a BERT classifier with `config.task.pooling=cls` that transformers loads with
its head. Each rival answers one short text, and 64 texts; the rivals of kortf sort rows by length
and compute 16 at a time by themselves, and the others do so here. Rivals take turns; the table has
the medians in milliseconds. A rival whose packages are not installed has a dash.
Needs `pip install 'kortf[openvino,oracle]' onnx onnxruntime nncf`.
"""

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

from benchmarks.paired import take_turns

FLAGS = flags.FLAGS
CASES = {"one": "one short text", "many": "64 texts"}
flags.DEFINE_string("model", None, "Model directory of a classifier.", required=True)
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_integer("rounds", 30, "Counted rounds.")
flags.DEFINE_list("rivals", None, "Names of the rivals to run; all if not given.")
flags.DEFINE_string("saved_model", None, "SavedModel of the model; exported if not given.")
flags.DEFINE_enum("case", None, list(CASES), "Set by the benchmark: the texts of this process.")

ROWS, AT_ONCE = 64, 16
SHORT = "정말 재미있는 영화였다"
Answer = Callable[[Sequence[str]], list[str]]


def kortf_saved_model() -> Answer:
    """The SavedModel, by TensorFlow's loader."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  its operations are in the graph

    model = tf.saved_model.load(FLAGS.saved_model)
    function = model.signatures["serving_default"]
    return lambda rows: [
        label.decode() for label in function(text=tf.constant(rows))["label"].numpy()
    ]


def kortf_openvino(weights: str = "float32") -> Answer:
    """The engine of `kortf serve --engine=openvino`."""
    import kortf
    from kortf.export.options import ExportOptions

    options = ExportOptions(engine="openvino", weights=weights)
    model = kortf.load(FLAGS.model, options=options, batch_size=ROWS)
    return lambda rows: [answer["label"] for answer in model.predict(rows)]


def kortf_int8() -> Answer:
    """The same with `--weights=int8`."""
    return kortf_openvino("int8")


def torch_model() -> Answer:
    """torch, with transformers' tokenizer."""
    import torch
    import transformers

    torch.set_num_threads(os.cpu_count())
    model = transformers.AutoModelForSequenceClassification.from_pretrained(FLAGS.model).eval()

    def scores(batch):
        with torch.inference_mode():
            given = {name: torch.from_numpy(value) for name, value in batch.items()}
            return model(**given).logits.numpy()

    return in_batches(scores)


def openvino_model() -> Answer:
    """OpenVINO, converted from torch."""
    import openvino
    import torch
    import transformers

    model = transformers.AutoModelForSequenceClassification.from_pretrained(FLAGS.model).eval()
    names = ("input_ids", "attention_mask", "token_type_ids")
    example = {name: torch.ones((2, 8), dtype=torch.int64) for name in names}
    converted = openvino.convert_model(model, example_input=example)
    compiled = openvino.Core().compile_model(converted, "CPU", {"PERFORMANCE_HINT": "LATENCY"})
    return in_batches(lambda batch: compiled(dict(batch))[0])


def onnx_model(quantized: bool = False) -> Answer:
    """ONNX Runtime, exported from torch."""
    import onnxruntime
    import torch
    import transformers

    model = transformers.AutoModelForSequenceClassification.from_pretrained(FLAGS.model).eval()
    names = ["input_ids", "attention_mask", "token_type_ids"]
    example = tuple(torch.ones((2, 8), dtype=torch.int64) for _ in names)
    path = os.path.join(tempfile.mkdtemp(), "model.onnx")
    axes = {name: {0: "batch", 1: "seq"} for name in names}
    torch.onnx.export(
        model, example, path, input_names=names, output_names=["logits"], dynamic_axes=axes,
        dynamo=False,
    )  # fmt: skip
    if quantized:
        from onnxruntime.quantization import quantize_dynamic

        quantize_dynamic(path, path + ".int8")
        path += ".int8"
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = os.cpu_count()
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return in_batches(lambda batch: session.run(None, dict(batch))[0])


def onnx_int8() -> Answer:
    """ONNX Runtime with dynamic int8 quantization."""
    return onnx_model(quantized=True)


# Each rival with the packages that it needs.
RIVALS: dict[str, tuple[Callable[[], Answer], tuple[str, ...]]] = {
    "kortf SavedModel": (kortf_saved_model, ()),
    "kortf, OpenVINO fp32": (kortf_openvino, ("openvino",)),
    "kortf, OpenVINO int8": (kortf_int8, ("openvino", "nncf")),
    "ONNX Runtime fp32": (onnx_model, ("torch", "transformers", "onnx", "onnxruntime")),
    "ONNX Runtime int8": (onnx_int8, ("torch", "transformers", "onnx", "onnxruntime")),
    "OpenVINO fp32": (openvino_model, ("torch", "transformers", "openvino")),
    "torch": (torch_model, ("torch", "transformers")),
}


def in_batches(scores: Callable) -> Answer:
    """Return a function of texts: tokenizers, then `scores` for 16 rows of similar length."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(FLAGS.model, "tokenizer.json"))
    with open(os.path.join(FLAGS.model, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
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
            batch = {"input_ids": ids, "attention_mask": mask, "token_type_ids": ids * 0}
            best = scores(batch).argmax(axis=1)
            for place, i in enumerate(index):
                labels[i] = names[int(best[place])]
        return labels

    return answer


def texts(case: str) -> list[str]:
    """Return the texts of a case."""
    if case == "one":
        return [SHORT]
    with open(FLAGS.input, encoding="utf-8") as file:
        return [line.strip() for line in file.readlines()[:ROWS]]


def main(argv) -> None:
    del argv
    if FLAGS.case:
        print(f"| {CASES[FLAGS.case]} | {' | '.join(medians().values())} |")
        return
    directory = FLAGS.saved_model
    if directory is None:
        directory = os.path.join(tempfile.mkdtemp(), "saved_model")
        command = [sys.executable, "-m", "kortf", "export", f"--model={FLAGS.model}"]
        subprocess.run([*command, f"--output={directory}"], check=True, stdout=subprocess.DEVNULL)
    names = wanted()
    print(f"| ms | {' | '.join(names)} |\n{'|---' * (len(names) + 1)}|", flush=True)
    for case in CASES:
        again = [*sys.orig_argv, f"--case={case}", f"--saved_model={directory}"]
        subprocess.run(again, check=True)


def wanted() -> list[str]:
    """Return the names of the rivals to run."""
    return FLAGS.rivals or list(RIVALS)


def medians() -> dict[str, str]:
    """Return the median of each rival in milliseconds; "-" for one that is not installed."""
    rows = texts(FLAGS.case)
    running = {}
    for name in wanted():
        build, packages = RIVALS[name]
        if all(importlib.util.find_spec(package) for package in packages):
            running[name] = Lazy(build, rows)
    times = take_turns(running, FLAGS.rounds, warmup=4)
    shown = {name: f"{statistics.median(values) * 1e3:,.1f}" for name, values in times.items()}
    return {name: shown.get(name, "-") for name in wanted()}


class Lazy:
    """A rival that is loaded in its first turn, so that no other process loads it."""

    def __init__(self, build: Callable[[], Answer], rows: Sequence[str]):
        self._build, self._rows = build, rows
        self._answer: Answer | None = None

    def __call__(self) -> None:
        if self._answer is None:
            self._answer = self._build()
        self._answer(self._rows)


if __name__ == "__main__":
    app.run(main)
