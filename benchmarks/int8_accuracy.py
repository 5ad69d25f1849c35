"""What 8 bits cost: accuracy of a classifier by OpenVINO in float32 and in int8.

    python -m benchmarks.int8_accuracy --task=nsmc --model=MODEL_DIR \\
        --input=data/nsmc/ratings_test.txt

Both answer every row of the test file, as `kortf serve --engine=openvino` does. Needs
`pip install 'kortf[openvino]'`.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_string("model", None, "Model directory of a classifier.", required=True)
flags.DEFINE_string("task", "nsmc", "Classification task of the model, of one text a row.")
flags.DEFINE_string("input", None, "File of the task.", required=True)
flags.DEFINE_list("weights", ["float32", "int8"], "Weights to compare; the first is the reference.")

AT_ONCE = 512


def right_answers(weights: str, texts: list[str], classes: list[str]) -> np.ndarray:
    """Return which rows are answered right."""
    import kortf
    from kortf.export.options import ExportOptions

    model = kortf.load(FLAGS.model, options=ExportOptions(engine="openvino", weights=weights))
    found = []
    for begin in range(0, len(texts), AT_ONCE):
        found += [answer["label"] for answer in model.predict(texts[begin : begin + AT_ONCE])]
        print(f"\r{weights}: {len(found):,} of {len(texts):,}", end="", flush=True)
    print()
    return np.array(found) == np.array(classes)


def main(argv: list[str]) -> None:
    del argv
    from kortf import tasks

    task = tasks.build(FLAGS.task)
    examples = task.read(FLAGS.input)
    texts = [example["text"] for example in examples]
    classes = [task.classes[example["label"]] for example in examples]
    right = {weights: right_answers(weights, texts, classes) for weights in FLAGS.weights}
    reference = right[FLAGS.weights[0]]
    for weights, found in right.items():
        lost, differing = reference.mean() - found.mean(), (reference != found).mean()
        print(f"{weights}: accuracy {found.mean():.4f}, {lost:+.4f} lost, {differing:.4f} differ")


if __name__ == "__main__":
    app.run(main)
