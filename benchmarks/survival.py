"""Kills a run at random moments, and holds its outcome against that of a run in peace.

    python -m benchmarks.survival --what=pretrain --kills=20
    python -m benchmarks.survival --what=finetune --kills=20
    python -m benchmarks.survival --what=records --kills=20
    python -m benchmarks.survival --what=workers --kills=5

Everything is made of the sample. `workers` is a pretraining by two processes, of which one, drawn
each time, is killed; both are started again. Says how many bytes of the outcome differ: none may.
"""

import glob
import hashlib
import json
import os
import random
import subprocess
import sys
import time

from absl import app, flags

from benchmarks.cluster import environments

FLAGS = flags.FLAGS
flags.DEFINE_enum("what", "pretrain", ["pretrain", "finetune", "records", "workers"], "Is killed.")
flags.DEFINE_integer("kills", 20, "How often.")
flags.DEFINE_string("workdir", "runs/survival", "Takes everything that is made.")
flags.DEFINE_string("dtype", "float32", "Of the training.")
flags.DEFINE_integer("copies", 300, "Of the sample's text (95 kB), for the records.")
flags.DEFINE_integer("seed", 0, "Of the moments.")

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def path(*parts: str) -> str:
    return os.path.join(os.path.abspath(FLAGS.workdir), *parts)


def command(verb: str, **arguments) -> list[str]:
    flags_given = [f"--{name}={value}" for name, value in arguments.items()]
    return [sys.executable, "-m", "kortf", verb, *flags_given]


def prepare() -> None:
    """The sample, a vocabulary, records and a model to fine-tune; what is there is kept."""
    steps = {
        "sample": command("sample", output=path("sample")),
        "vocab": command("vocab", input=text(), output=path("vocab"), size=600),
        "records": records("records"),
        "start": pretrain("start", 20),
    }
    for name, argv in steps.items():
        if not os.path.exists(path(name, "done")):
            subprocess.run(argv, check=True, cwd=ROOT)
            open(path(name, "done"), "w").close()


def text() -> str:
    return path("sample", "kowiki", "*.txt") + "," + path("sample", "nsmc", "reviews.txt")


def records(name: str) -> list[str]:
    """Of as many copies of the text as take a while."""
    for number in range(FLAGS.copies):
        link = path("copies", f"{number:03d}.txt")
        if not os.path.lexists(link):
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(path("sample", "kowiki", "kowiki_00.txt"), link)
    return command(
        "records", input=path("copies", "*.txt"), vocab=path("vocab"), output=path(name),
        seq_length=32, shards=64, workers=2,
    )  # fmt: skip


def pretrain(name: str, steps: int) -> list[str]:
    return command(
        "pretrain", config=os.path.join(ROOT, "configs/pretrain/bert.py:smoke"),
        records=path("records"), vocab=path("vocab"), workdir=path(name),
        **{
            "config.steps": steps, "config.checkpoint_every": 40, "config.log_every": 20,
            "config.dtype": FLAGS.dtype,
        },
    )  # fmt: skip


def finetune(name: str) -> list[str]:
    return command(
        "finetune", config=os.path.join(ROOT, "configs/finetune/nsmc.py:smoke"),
        data=path("sample", "nsmc"), init_from=path("start", "model"), workdir=path(name),
        **{
            "config.epochs": 100, "config.checkpoint_every": 20, "config.log_every": 20,
            "config.dtype": FLAGS.dtype,
        },
    )  # fmt: skip


def argv(name: str) -> list[str]:
    """The command whose outcome is compared."""
    if FLAGS.what == "records":
        return records(name)
    return finetune(name) if FLAGS.what == "finetune" else pretrain(name, 3000)


def start(name: str) -> list[subprocess.Popen]:
    """Starts it: one process, or two that train together."""
    log = open(path(f"{name}.log"), "a")  # noqa: SIM115
    if FLAGS.what != "workers":
        return [subprocess.Popen(argv(name), cwd=ROOT, stdout=log, stderr=log)]
    processes = []
    for environment in environments(2):
        processes.append(
            subprocess.Popen(argv(name), cwd=ROOT, stdout=log, stderr=log, env=environment)
        )
    return processes


def outcome(name: str) -> dict[str, str]:
    """SHA-256 of each file that must come out the same, by name."""
    pattern = "*.tfrecord" if FLAGS.what == "records" else "model/*.safetensors"
    found = {}
    for file in sorted(glob.glob(path(name, pattern))):
        with open(file, "rb") as opened:
            found[os.path.basename(file)] = hashlib.sha256(opened.read()).hexdigest()
    return found


def losses(name: str) -> dict[int, float]:
    """The loss trace: step to loss."""
    if FLAGS.what == "records":
        return {}
    with open(path(name, "metrics.jsonl")) as file:
        lines = [json.loads(line) for line in file]
    return {line["step"]: line["loss"] for line in lines if "loss" in line}


def in_peace(name: str) -> tuple[float, float]:
    """Runs it to its end; the seconds until there was something to go on from, and in all."""
    began, first = time.monotonic(), None
    processes = start(name)
    kept = "*.tfrecord" if FLAGS.what == "records" else "checkpoints/*.safetensors"
    while any(process.poll() is None for process in processes):
        if first is None and glob.glob(path(name, kept)):
            first = time.monotonic() - began
        time.sleep(0.02)
    if any(process.returncode for process in processes):
        raise SystemExit(f"failed by itself: see {path(name)}.log")
    return first or 0.0, time.monotonic() - began


def main(unused) -> None:
    del unused
    os.makedirs(FLAGS.workdir, exist_ok=True)
    prepare()
    peaceful, troubled = f"{FLAGS.what}-in-peace", f"{FLAGS.what}-killed"
    for name in (peaceful, troubled):
        if os.path.exists(path(name)):
            raise SystemExit(f"{path(name)} is there already: remove it, or name another --workdir")
    first, seconds = in_peace(peaceful)
    print(f"{FLAGS.what} takes {seconds:.1f} s, {first:.1f} s to what is kept first", flush=True)
    latest = first + 2 * (seconds - first) / FLAGS.kills
    moments, kills, ended = random.Random(FLAGS.seed), 0, False
    while kills < FLAGS.kills and not ended:
        processes = start(troubled)
        victim = moments.choice(processes)
        try:
            ended = victim.wait(timeout=moments.uniform(0.3 * first, latest)) == 0
        except subprocess.TimeoutExpired:
            victim.kill()
            kills += 1
        for process in processes:
            process.wait()
        print(f"{kills} kills", end="\r", flush=True)
    in_peace(troubled)
    ours, theirs = outcome(troubled), outcome(peaceful)
    differ = [name for name in theirs if ours.get(name) != theirs[name]]
    trace = losses(troubled) == losses(peaceful)
    print(f"{kills} kills; {len(theirs)} files, {len(differ)} differ; the same losses: {trace}")
    if differ or not theirs or not trace:
        raise SystemExit(f"differ: {', '.join(differ) or 'the losses'}")


if __name__ == "__main__":
    app.run(main)
