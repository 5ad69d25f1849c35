"""`kortf records` against google-research/bert's way with transformers and tokenizers.

    python -m benchmarks.records --input='data/kowiki/*.txt,data/nsmc/reviews.txt' [--vocab=DIR]

Same text, same vocabulary, same length, each side in processes of its own, in turns; start-up
counts. Without --vocab one is trained first. Reported are MB of raw text a second, and the peak
resident memory of the largest process.
"""

import os
import shutil
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


def main(argv: list[str]) -> None:
    megabytes = sum(files.size(path) for path in files.expand(FLAGS.input)) / 1e6
    with tempfile.TemporaryDirectory() as directory:
        vocab = FLAGS.vocab or train_vocabulary(directory)
        output = os.path.join(directory, "out")
        same = [f"--input={','.join(FLAGS.input)}", f"--vocab={vocab}"]
        same.append(f"--seq_length={FLAGS.seq_length}")
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
