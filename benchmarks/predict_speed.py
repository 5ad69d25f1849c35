"""Predictions of several model directories side by side, such as a teacher and its student.

    python -m benchmarks.predict_speed --models=teacher=DIR,student=DIR --input=FILE [--rows=512]

Each model answers the first lines of the file through `kortf.load`, strings in and labels out, in a
process of its own, as `kortf predict` does it: one core computes an operation. They take turns. The
first model is the one that the ratios compare with.
"""

import itertools
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from absl import app, flags

from benchmarks.paired import lazy, table, take_turns

FLAGS = flags.FLAGS
flags.DEFINE_list("models", None, "Model directories: NAME=DIR each.", required=True)
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_integer("rows", 512, "Texts of a turn, at most.")
flags.DEFINE_integer("rounds", 7, "Counted rounds.")


def main(argv) -> None:
    del argv
    with open(FLAGS.input, encoding="utf-8") as file:
        texts = [line.strip() for line in itertools.islice(file, FLAGS.rows)]

    def predictor(directory: str):
        import kortf
        from kortf.cores import one_core_an_operation

        one_core_an_operation()
        model = kortf.load(directory)
        return lambda: model.predict(texts)

    models = dict(spec.split("=", 1) for spec in FLAGS.models)
    rivals = {name: lazy(lambda d=directory: predictor(d)) for name, directory in models.items()}
    times = take_turns(rivals, FLAGS.rounds)
    print(table(times, next(iter(models)), unit=len(texts), label="texts/s"))


if __name__ == "__main__":
    app.run(main)
