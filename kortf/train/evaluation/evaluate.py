"""Scores a fine-tuned model directory on a file, as fine-tuning itself does."""

import os
import time

from kortf import files, tasks
from kortf.errors import InputError
from kortf.pretrained.directory.inference import load_finetuned
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.train.evaluation.scoring import Scorer, file_hash, write_evaluation
from kortf.train.splits import examples_meant


def evaluate(model: str, task: str, data: str, output: str, skip_bad_rows: bool = False) -> dict:
    """Scores a model and writes `eval.json` and the predictions; the command `kortf evaluate`.

    Args:
        model: directory that fine-tuning wrote.
        task: name of the benchmark.
        data: one of its published files; behind its name may stand which of its examples are meant,
            such as `dev.tsv[4000:]`.
        output: directory for `eval.json` and `predictions.*`.
        skip_bad_rows: whether rows that cannot be read are passed over, counted and named in
            `eval.json`; else the first one is refused.

    Returns:
        What was written to `eval.json`.

    Raises:
        InputError: the model is not one of this task, or the file cannot be read.
    """
    loaded = load_finetuned(model, tasks.build, scoring=True)
    if loaded.task.name != task:
        raise InputError(
            f"--task={task}", f"{model} was fine-tuned on {loaded.task.name}", "name that task"
        )
    path, meant = examples_meant(data)
    for file in loaded.task.files(path):
        if not files.exists(file):
            raise InputError(file, "no such file", "point --data at a file of the benchmark")
    loaded.task.skip_bad_rows = skip_bad_rows
    hashes = {os.path.basename(file): file_hash(file) for file in loaded.task.files(path)}
    examples = loaded.task.read(path)[meant]
    if not examples:
        raise InputError(data, "there are no such examples", "correct the numbers in brackets")
    scorer = Scorer(
        loaded.encoder, loaded.task, load_tokenizer(model), loaded.max_length, loaded.batch_size
    )
    encoded = scorer.encode(examples)
    began = time.monotonic()
    found = scorer.find(encoded)
    split = _split(loaded.task, data)
    report = {
        "split": split,
        "model": model,
        "counts": {split: len(examples)},
        "data": hashes,
        "scoring_seconds": round(time.monotonic() - began, 1),
    }
    return write_evaluation(output, loaded.task, found, examples, report)


def _split(task, data: str) -> str:
    """Which published part a file is, by its name; the name itself when it is none."""
    names = [(name, "train") for name in task.train_file.split(",")]
    names += [(task.dev_file or "", "dev"), (task.test_file, "test")]
    parts = {os.path.basename(name): part for name, part in names}
    name = os.path.basename(data)
    return parts.get(name, name)
