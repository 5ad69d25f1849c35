"""`kortf records` against google-research/bert's way with transformers and tokenizers.

    python -m benchmarks.records --input='data/kowiki/*.txt,data/nsmc/reviews.txt' [--vocab=DIR]

Same text, same vocabulary, same length, each side in processes of its own, in turns; start-up
counts. Without --vocab one is trained first. Reported are MB of raw text a second, and the peak
resident memory of the largest process.

    python -m benchmarks.records --checkouts=../before,. --vocab=DIR --seq_length=128

With --checkouts, `kortf records` of several source trees take turns, and MB of raw text a CPU
second (user and system, of all processes, start-up included) are reported.
"""

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

from absl import app, flags

from benchmarks import peak_memory
from benchmarks.paired import table, take_turns
from kortf import files

FLAGS = flags.FLAGS
flags.DEFINE_list("input", ["data/kowiki/*.txt", "data/nsmc/reviews.txt"], "Raw text, as globs.")
flags.DEFINE_string("vocab", None, "WordPiece vocabulary directory.")
flags.DEFINE_integer("seq_length", 512, "Tokens in a record.")
flags.DEFINE_integer("rounds", 3, "Counted rounds.")
flags.DEFINE_list("processes", ["1", "2"], "Numbers of processes to compare.")
flags.DEFINE_list("checkouts", [], "Source trees of kortf to compare by CPU seconds.")


def train_vocabulary(directory: str) -> str:
    """Trains a WordPiece vocabulary of 32,000 on the input."""
    output = os.path.join(directory, "vocab")
    command = [sys.executable, "-m", "kortf", "vocab", f"--input={','.join(FLAGS.input)}"]
    peak_memory.run([*command, f"--output={output}", "--lowercase", "--size=32000"])
    return output


def rival(command: list[str], output: str, peaks: dict[str, int], name: str):
    """A function that runs the command once, into an empty directory."""

    def once():
        shutil.rmtree(output, ignore_errors=True)
        _, peak = peak_memory.run([sys.executable, "-m", *command, f"--output={output}"])
        peaks[name] = max(peaks.get(name, 0), peak)

    return once


def cpu_seconds(checkout: str, arguments: list[str]) -> float:
    """The user and system seconds of `kortf records` of a source tree and all its processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "kortf", "records", *arguments]
    environment = {**os.environ, "PYTHONPATH": checkout}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=True, cwd=checkout, env=environment, **quiet)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_checkouts(same: list[str], megabytes: float) -> None:
    """Prints MB a CPU second of each source tree, and the ratio to the first."""
    times: dict[str, list[float]] = {checkout: [] for checkout in FLAGS.checkouts}
    for _ in range(FLAGS.rounds):
        for checkout in times:
            with tempfile.TemporaryDirectory() as output:
                run = [*same, f"--output={output}/out", f"--workers={FLAGS.processes[0]}"]
                times[checkout].append(cpu_seconds(os.path.abspath(checkout), run))
    first = statistics.median(times[FLAGS.checkouts[0]])
    print(f"{megabytes:,.1f} MB\n")
    print("| | MB a CPU second, median | min | max | ratio |\n|---|---|---|---|---|")
    for checkout, seconds in times.items():
        middle = statistics.median(seconds)
        rates = [megabytes / s for s in (middle, max(seconds), min(seconds))]
        numbers = " | ".join(f"{rate:.2f}" for rate in rates)
        print(f"| {checkout} | {numbers} | {first / middle:.2f} |", flush=True)


def main(argv: list[str]) -> None:
    megabytes = sum(files.size(path) for path in files.expand(FLAGS.input)) / 1e6
    with tempfile.TemporaryDirectory() as directory:
        vocab = FLAGS.vocab or train_vocabulary(directory)
        output = os.path.join(directory, "out")
        same = [f"--input={','.join(FLAGS.input)}", f"--vocab={vocab}"]
        same.append(f"--seq_length={FLAGS.seq_length}")
        if FLAGS.checkouts:
            paths = [os.path.abspath(path) for path in files.expand(FLAGS.input)]
            same[:2] = [f"--input={','.join(paths)}", f"--vocab={os.path.abspath(vocab)}"]
            compare_checkouts(same, megabytes)
            return
        peaks: dict[str, int] = {}
        for count in FLAGS.processes:
            ours = f"kortf records, {count} worker(s)"
            theirs = f"transformers + tokenizers, {count} process(es)"
            rivals = {
                ours: ["kortf", "records", *same, f"--workers={count}"],
                theirs: ["benchmarks.bert_records", *same, f"--processes={count}"],
            }
            rivals = {name: rival(run, output, peaks, name) for name, run in rivals.items()}
            times = take_turns(rivals, FLAGS.rounds, warmup=0)
            print(f"\n{megabytes:,.0f} MB, seq_length {FLAGS.seq_length}\n")
            print(table(times, ours, megabytes, "MB/s"), flush=True)
        print("\n| | peak MB of the largest process |\n|---|---|")
        for name, peak in peaks.items():
            print(f"| {name} | {peak / 1e6:,.0f} |")


if __name__ == "__main__":
    app.run(main)
