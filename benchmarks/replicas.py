"""Cost of replicas: the same cores as one device, as two, and as two processes.

    python -m benchmarks.replicas --records=runs/records --vocab=runs/vocab

Each takes its turn in a pretraining of its own (BERT 6 x 256); compared are tokens a second once it
runs. Two processes get half of the cores each.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

from benchmarks.cluster import environments

FLAGS = flags.FLAGS
flags.DEFINE_string("records", None, "Records directory.", required=True)
flags.DEFINE_string("vocab", None, "Vocabulary directory.", required=True)
flags.DEFINE_integer("rounds", 3, "Of taking turns.")
flags.DEFINE_integer("steps", 30, "Of each run; the first third does not count.")
flags.DEFINE_integer("batch_size", 128, "Rows of a batch.")

WAYS = ("one device", "two devices", "two processes")


def start(way: str, workdir: str) -> list[subprocess.Popen]:
    """Starts a pretraining."""
    argv = [
        sys.executable, "-m", "kortf", "pretrain", "--config=bert:mini",
        f"--records={FLAGS.records}", f"--vocab={FLAGS.vocab}", f"--workdir={workdir}",
        f"--config.steps={FLAGS.steps}", f"--config.batch_size={FLAGS.batch_size}",
        f"--config.log_every={FLAGS.steps // 3}", "--config.schedule.warmup_steps=1",
    ]  # fmt: skip
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if way == "one device":
        return [subprocess.Popen([*argv, "--strategy=one"], **quiet)]
    if way == "two devices":
        return [subprocess.Popen([*argv, "--strategy=mirrored", "--virtual_devices=2"], **quiet)]
    cores = sorted(os.sched_getaffinity(0))
    half = len(cores) // 2
    processes = []
    for number, environment in enumerate(environments(2)):
        mine = ",".join(map(str, cores[number * half : (number + 1) * half]))
        command = ["taskset", "-c", mine, *argv, "--strategy=multiworker"]
        processes.append(subprocess.Popen(command, env=environment, **quiet))
    return processes


def speed(way: str) -> float:
    """Tokens a second of one run, its first third left out."""
    with tempfile.TemporaryDirectory() as workdir:
        for process in start(way, workdir):
            if process.wait():
                raise SystemExit(f"{way} failed")
        with open(os.path.join(workdir, "metrics.jsonl")) as file:
            lines = [json.loads(line) for line in file]
        speeds = [line["tokens_per_second"] for line in lines if "loss" in line]
    return statistics.harmonic_mean(speeds[1:])


def main(unused) -> None:
    del unused
    found = {way: [] for way in WAYS}
    for _ in range(FLAGS.rounds):
        for way in WAYS:
            found[way].append(speed(way))
            print(f"{way}: {found[way][-1]:,.0f} tokens/s", file=sys.stderr, flush=True)
    print("| | tokens/s, median | of one device |\n|---|---|---|")
    for way in WAYS:
        ratios = [a / b for a, b in zip(found[way], found[WAYS[0]], strict=True)]
        print(f"| {way} | {statistics.median(found[way]):,.0f} | {statistics.median(ratios):.2f} |")


if __name__ == "__main__":
    app.run(main)
