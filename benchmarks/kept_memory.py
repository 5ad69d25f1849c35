"""Gain from keeping freed memory between the steps on a CPU: on and off, in turns.

    python -m benchmarks.kept_memory --data=data/nsmc --init_from=MODEL_DIR [--rounds=3]

Each run is a `kortf finetune` of its own over the first reviews of NSMC, in float32 with AdamW,
once as it is and once with KORTF_RETURN_MEMORY=1. Timed are the steps after the first twenty.
"""

import itertools
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

from absl import app, flags

from kortf.train.loop.health.memory import OFF

FLAGS = flags.FLAGS
flags.DEFINE_string("data", "data/nsmc", "Directory of NSMC's files.")
flags.DEFINE_string("init_from", None, "Model directory.", required=True)
flags.DEFINE_integer("rounds", 3, "Runs of each kind.")
flags.DEFINE_integer("reviews", 4_000, "Of the train file; 64 make a step.")
CONFIG = pathlib.Path(__file__).parents[1] / "configs/finetune/nsmc.py"


def some_reviews(directory: str) -> None:
    """Puts the first lines of both files into a directory."""
    for name, rows in (("ratings_train.txt", FLAGS.reviews), ("ratings_test.txt", 100)):
        with open(os.path.join(FLAGS.data, name), encoding="utf-8") as file:
            lines = list(itertools.islice(file, rows + 1))
        pathlib.Path(directory, name).write_text("".join(lines), encoding="utf-8")


def run(data: str, workdir: str, environment: dict[str, str]) -> float:
    """Seconds a step of a fine-tuning."""
    settings = {
        "config": CONFIG, "data": data, "init_from": FLAGS.init_from, "workdir": workdir,
        "config.dtype": "float32", "config.optimizer.name": "adamw", "config.log_every": 20,
    }  # fmt: skip
    command = [sys.executable, "-m", "kortf", "finetune"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    subprocess.run(
        command, env=os.environ | environment, check=True, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    lines = pathlib.Path(workdir, "metrics.jsonl").read_text().splitlines()
    training = [line for line in map(json.loads, lines) if "loss" in line]
    first, last = training[0], training[-1]
    return (last["time"] - first["time"]) / (last["step"] - first["step"])


def main(argv: list[str]) -> None:
    """Runs both in turns and prints the medians."""
    kinds = {"kept": {}, "given back": {OFF: "1"}}
    found: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as scratch:
        some_reviews(scratch)
        for number in range(FLAGS.rounds):
            for kind, environment in kinds.items():
                workdir = os.path.join(scratch, f"{kind} {number}")
                found[kind].append(run(scratch, workdir, environment))
    for kind, values in found.items():
        print(f"{kind}: {1000 * statistics.median(values):.0f} ms a step")
    ratios = [back / kept for back, kept in zip(found["given back"], found["kept"], strict=True)]
    print(f"{statistics.median(ratios):.2f} × faster where it is kept, {len(ratios)} pairs")


if __name__ == "__main__":
    app.run(main)
