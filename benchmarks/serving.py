"""Served classifiers: strings in, labels out, each rival in a process of its own.

    python -m benchmarks.serving --model=MODEL_DIR --input=FILE [--rounds=30]

The model directory is a BERT classifier with `config.task.pooling=cls` that transformers loads with
its head. Each rival answers one short text, and 64 texts in batches of 16 rows of similar length.
Rivals take turns; the table has the medians in milliseconds. A rival whose package is not installed
is left out with a message. Needs `pip install 'kortf[serve,openvino,oracle]' onnxruntime`.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

from benchmarks.elsewhere import elsewhere, serve
from benchmarks.paired import take_turns

FLAGS = flags.FLAGS
flags.DEFINE_string("model", None, "Model directory of a classifier.", required=True)
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_integer("rounds", 30, "Counted rounds.")
flags.DEFINE_string("rival", None, "Set by the benchmark: whose process this is.")
flags.DEFINE_string("saved_model", None, "Set by the benchmark.")
flags.DEFINE_enum("case", "one", ["one", "many"], "Set by the benchmark.")

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


def kortf_openvino() -> Answer:
    """The engine of `kortf serve --engine=openvino`."""
    import kortf
    from kortf.export.options import ExportOptions

    model = kortf.load(FLAGS.model, options=ExportOptions(engine="openvino"))
    return lambda rows: [answer["label"] for answer in model.predict(rows)]


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


RIVALS = {
    "kortf SavedModel": kortf_saved_model,
    "kortf, OpenVINO engine": kortf_openvino,
    "ONNX Runtime fp32": onnx_model,
    "ONNX Runtime int8": onnx_int8,
    "OpenVINO fp32": openvino_model,
    "torch": torch_model,
}


def in_batches(scores: Callable) -> Answer:
    """Return a function of texts: tokenizers, then `scores` for 16 rows of similar length."""
    import numpy as np
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(os.path.join(FLAGS.model, "tokenizer.json"))
    with open(os.path.join(FLAGS.model, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    tokenizer.enable_truncation(config["kortf"].get("max_length") or 512)
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
    if FLAGS.rival:
        answer, rows = RIVALS[FLAGS.rival](), texts(FLAGS.case)
        for _ in range(3):
            answer(rows)
        serve(lambda: answer(rows))
        return
    directory = os.path.join(tempfile.mkdtemp(), "saved_model")
    command = [sys.executable, "-m", "kortf", "export", f"--model={FLAGS.model}"]
    subprocess.run([*command, f"--output={directory}"], check=True, stdout=subprocess.DEVNULL)
    print(f"| ms | {' | '.join(RIVALS)} |\n{'|---' * (len(RIVALS) + 1)}|")
    for case, name in (("one", "one short text"), ("many", f"{ROWS} texts")):
        print(f"| {name} | {' | '.join(medians(case, directory).values())} |", flush=True)


def medians(case: str, directory: str) -> dict[str, str]:
    """Return the median of each rival in milliseconds; "-" for one that cannot run."""
    with contextlib.ExitStack() as stack:
        running = {}
        for rival in RIVALS:
            command = ["-m", "benchmarks.serving", f"--model={FLAGS.model}", f"--case={case}"]
            command += [f"--input={FLAGS.input}", f"--rival={rival}", f"--saved_model={directory}"]
            try:
                running[rival] = stack.enter_context(elsewhere(command))
            except SystemExit as error:
                print(f"{rival}: {error}", file=sys.stderr)
        times = take_turns(running, FLAGS.rounds, warmup=2)
    shown = {name: f"{statistics.median(values) * 1e3:,.1f}" for name, values in times.items()}
    return {rival: shown.get(rival, "-") for rival in RIVALS}


if __name__ == "__main__":
    app.run(main)
