"""Served classifiers: strings in, labels out, each rival in a process of its own.

    python -m benchmarks.serving --model=MODEL_DIR --input=FILE
    python -m benchmarks.serving --size=small --vocab=VOCABULARY_DIR --input=FILE

The model directory is a BERT classifier with `config.task.pooling=cls` that transformers loads with
its head; `--size` makes one with random weights, which is enough for times. Each rival answers one
short text, and 64 texts; the rivals of kortf sort rows by length and compute 16 at a time by
themselves, and the others do so here. Rivals take turns; the table has the medians in
milliseconds. A rival whose packages are not installed has a dash. The first answers after the turns
of others are slower: for a server that is never idle, give a small model more `--calls` a turn.
Needs `pip install 'kortf[openvino,oracle]' onnx onnxruntime`.
"""

import os
import pathlib
import statistics
import sys
import tempfile
from collections.abc import Sequence

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

from benchmarks.paired import take_turns
from benchmarks.serving_rivals import RIVALS, ROWS, Files, installed, prepare, saved_model

FLAGS = flags.FLAGS
# Name: layers, heads, hidden size, size of the feed-forward layer.
SIZES = {"tiny": (1, 2, 32, 64), "small": (6, 4, 256, 1024), "base": (12, 12, 768, 3072)}
CASES = {"one": "one short text", "many": f"{ROWS} texts"}  # name: how the table shows it
flags.DEFINE_string("model", None, "Model directory of a classifier.")
flags.DEFINE_enum("size", None, list(SIZES), "Size of a model with random weights.")
flags.DEFINE_string("vocab", None, "Vocabulary directory of that model.")
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_string("work", None, "Directory that keeps models and conversions.")
flags.DEFINE_integer("rounds", 15, "Counted rounds.")
flags.DEFINE_integer("calls", 50, "Answers to one short text in a turn.")
flags.DEFINE_list("rivals", None, "Names of the rivals to run; all if not given.")
flags.DEFINE_list("others", [], "More SavedModels of the model: NAME=DIR each.")
flags.DEFINE_bool("prepare", False, "Only write models and conversions.")
SHORT = "정말 재미있는 영화였다"


class Rival:
    """A rival that is loaded in its first turn, so that no other process loads it.

    Each turn is of the next case.
    """

    def __init__(self, build, cases: dict[str, Sequence[str]]):
        self._build, self._cases = build, list(cases.items())
        self._answer, self._turns = None, 0

    def __call__(self) -> None:
        if self._answer is None:
            self._answer = self._build()
            for _, rows in self._cases:
                self._answer(rows)
        name, rows = self._cases[self._turns % len(self._cases)]
        self._turns += 1
        for _ in range(calls(name)):
            self._answer(rows)


def medians(files: Files) -> dict[str, list[float]]:
    """Return milliseconds by rival, one value for each case."""
    with open(FLAGS.input, encoding="utf-8") as file:
        many = [line.strip() for line, _ in zip(file, range(ROWS), strict=False)]
    cases = {"one": [SHORT], "many": many}
    running = {}
    for name, (build, packages) in RIVALS.items():
        if name in wanted() and installed(*packages):
            running[name] = Rival(lambda build=build: build(files), cases)
    for spec in FLAGS.others:
        name, _, directory = spec.partition("=")
        running[name] = Rival(lambda d=directory: saved_model(pathlib.Path(d)), cases)
    # Two turns of each case are not counted.
    times = take_turns(running, len(cases) * FLAGS.rounds, warmup=2 * len(cases))
    return {
        name: [
            statistics.median(values[i :: len(cases)]) / calls(case) * 1e3
            for i, case in enumerate(cases)
        ]
        for name, values in times.items()
    }


def calls(case: str) -> int:
    """Return how often a rival answers in a turn."""
    return FLAGS.calls if case == "one" else 1


def wanted() -> list[str]:
    """Return the names of the rivals to run."""
    return FLAGS.rivals or list(RIVALS)


def write_model(directory: pathlib.Path) -> None:
    """Write a BERT classifier with random weights."""
    from kortf import models, tasks
    from kortf.text.tokenizer.tokenizer import load_tokenizer
    from kortf.train.evaluation.scoring import Scorer
    from kortf.train.results.finetuning_results import save_finetuned

    layers, heads, dim, inner = SIZES[FLAGS.size]
    tokenizer, task = load_tokenizer(FLAGS.vocab), tasks.build("nsmc")
    encoder = models.build(
        "bert", vocabulary_size=tokenizer.vocabulary.size, num_layers=layers, num_heads=heads,
        hidden_dim=dim, intermediate_dim=inner, max_length=512,
    )  # fmt: skip
    task.build(encoder.hidden_dim, 0.02, 0.1)
    random = np.random.default_rng(0)
    for variable in encoder.variables:
        if variable.name.endswith(("bias", "beta")):  # of 0, as they start, a runtime removes them
            variable.assign(random.normal(0.0, 0.02, variable.shape))
    save_finetuned(str(directory), Scorer(encoder, task, tokenizer, max_length=128))


def main(argv) -> None:
    del argv
    if (FLAGS.model is None) == (FLAGS.size is None) or bool(FLAGS.size) != bool(FLAGS.vocab):
        raise app.UsageError("give either --model, or --size and --vocab")
    if unknown := set(wanted()) - set(RIVALS):
        raise app.UsageError(f"--rivals: no {', '.join(sorted(unknown))} among {', '.join(RIVALS)}")
    if FLAGS.work is None:
        FLAGS.work = tempfile.mkdtemp()
        sys.orig_argv.append(f"--work={FLAGS.work}")  # the processes of the rivals read it
    work = pathlib.Path(FLAGS.work)
    model = pathlib.Path(FLAGS.model) if FLAGS.model else work / "model"
    if not model.exists():
        write_model(model)
    files = Files(work, model)
    prepare(files)
    if FLAGS.prepare:
        return
    found = medians(files)
    names = [*wanted(), *(spec.partition("=")[0] for spec in FLAGS.others)]
    print(f"| ms | {' | '.join(names)} |\n{'|---' * (len(names) + 1)}|")
    for i, label in enumerate(CASES.values()):
        shown = [_shown(found[name][i]) if name in found else "-" for name in names]
        print(f"| {label} | {' | '.join(shown)} |")


def _shown(value: float) -> str:
    return f"{value:,.1f}" if value >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    app.run(main)
