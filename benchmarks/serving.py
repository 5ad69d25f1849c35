"""An exported classifier against torch's pipeline with the same weights, in turns in one process.

    python -m benchmarks.serving --model=MODEL_DIR --input=FILE [--rounds=30]

The model directory is one that `kortf finetune` wrote with `config.task.pooling=cls` from a model
with a pooler, so that transformers computes the same. A turn answers one short text, or 64 texts of
uneven length. Both sides take strings and return labels; both compute in float32.
"""

import os
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import torch
import transformers
from absl import app, flags

from benchmarks.paired import table, take_turns

FLAGS = flags.FLAGS
flags.DEFINE_string("model", None, "Model directory of a classifier.", required=True)
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_integer("rounds", 30, "Counted rounds.")

ROWS = 64
SHORT = "정말 재미있는 영화였다"


def main(argv) -> None:
    del argv
    import tensorflow as tf

    from kortf.export.saved_model import SIGNATURE, export

    with open(FLAGS.input, encoding="utf-8") as file:
        texts = [line.strip() for line in file.readlines()[:ROWS]]
    directory = os.path.join(tempfile.mkdtemp(), "saved_model")
    export(FLAGS.model, directory)
    served = tf.saved_model.load(directory)
    answer = served.signatures[SIGNATURE]
    torch.set_num_threads(os.cpu_count())
    pipeline = transformers.pipeline("text-classification", model=FLAGS.model)

    def ours(rows):
        return [label.decode() for label in answer(text=tf.constant(rows))["label"].numpy()]

    def theirs(rows):
        return [row["label"] for row in pipeline(rows, batch_size=len(rows), truncation=True)]

    for name, rows in (("one short text", [SHORT]), (f"{ROWS} texts", texts)):
        if ours(rows) != theirs(rows):
            raise SystemExit(f"{name}: the two sides do not agree; is it a model with pooling cls?")
        rivals = {"kortf": lambda r=rows: ours(r), "torch pipeline": lambda r=rows: theirs(r)}
        times = take_turns(rivals, FLAGS.rounds, warmup=3)
        print(f"\n{name}\n")
        print(table(times, "kortf", 1e-3, "ms"))


if __name__ == "__main__":
    app.run(main)
