"""Score a fine-tuned model directory on a file, as fine-tuning does."""

import functools
import os
import time

from absl import logging

from kortf import files, tasks
from kortf.errors import InputError
from kortf.precision import bfloat16_support
from kortf.pretrained.directory.inference import is_published, load_finetuned
from kortf.tasks.published import as_benchmark
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.train.evaluation.scoring import Scorer, write_evaluation
from kortf.train.inputs.data_summary import summarize_data
from kortf.train.inputs.splits import examples_meant


def evaluate(
    model: str,
    task: str,
    data: str,
    output: str,
    skip_bad_rows: bool = False,
    allow_unknown: bool = False,
    encoding: str = "utf-8",
) -> dict:
    """Score a model and write `eval.json` and predictions; the command `kortf evaluate`.

    Args:
        model: Model directory that fine-tuning wrote, kortf's or that of transformers.
        task: Name of the benchmark.
        data: One of its published files; the name may end in a slice of its examples, such as
            `dev.tsv[4000:]`.
        output: Directory for `eval.json`, `examples.jsonl` and `predictions.*`.
        skip_bad_rows: Whether unreadable rows are skipped, counted and named in `eval.json`; by
            default the first one is an error.
        allow_unknown: Whether to continue if more than half of the pieces are [UNK].
        encoding: Encoding of a file of the user's own.

    Returns:
        Content of `eval.json`.

    Raises:
        InputError: If the model is not one of this task, or the file cannot be read.
    """
    build = tasks.build
    if is_published(model):
        build = functools.partial(as_benchmark, task)
    loaded = load_finetuned(model, build, scoring=True)
    if loaded.task.name != task:
        raise InputError(
            f"--task={task}", f"{model} was fine-tuned on {loaded.task.name}", "name that task"
        )
    path, meant = examples_meant(data)
    for file in loaded.task.files(path):
        if not files.exists(file):
            raise InputError(file, "no such file", "point --data at a file of the benchmark")
    loaded.task.set_reading(skip_bad_rows, encoding)
    hashes = {os.path.basename(file): files.sha256_of(file) for file in loaded.task.files(path)}
    examples = loaded.task.read(path)[meant]
    if not examples:
        raise InputError(data, "there are no such examples", "correct the numbers in brackets")
    scorer = Scorer(
        loaded.encoder, loaded.task, load_tokenizer(model), loaded.max_length, loaded.batch_size
    )
    dtype, (fast, reason) = loaded.encoder.dtype_policy.name, bfloat16_support()
    if "bfloat16" in dtype and not fast:
        logging.warning("dtype %s, as in training: slower than float32 here (%s)", dtype, reason)
    encoded = scorer.encode(examples)
    unknown = UnknownCounter(scorer.tokenizer.vocabulary)
    encoded.count_unknown(unknown)
    unknown.check(data, allow_unknown)
    began = time.monotonic()
    found = scorer.find(encoded)
    split = part_of(loaded.task, data)
    report = {
        "split": split,
        "model": model,
        "counts": {split: len(examples)},
        "data": hashes,
        "summary": summarize_data(loaded.task, {split: examples}, {split: encoded}, unknown),
        "scoring_seconds": round(time.monotonic() - began, 1),
    }
    return write_evaluation(output, loaded.task, found, examples, report)


def part_of(task, data: str) -> str:
    """Return the part of the benchmark that a file is, by its name; else the file's base name.

    Of two parts with one base name, such as `train/data.tsv` and `test/data.tsv`, the one whose
    directories match too is meant.
    """
    names = [(name, "train") for name in task.train_file.split(",")]
    names += [(task.dev_file or "", "dev"), (task.test_file or "", "test")]
    path = os.path.normpath(os.path.abspath(data))
    found = [
        part for name, part in names if name and path.endswith(os.sep + os.path.normpath(name))
    ]
    if not found:
        base = os.path.basename(path)
        found = [part for name, part in names if os.path.basename(name) == base]
    return found[0] if len(set(found)) == 1 else os.path.basename(data)
