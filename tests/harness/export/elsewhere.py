"""Runs SavedModels where kortf is not, by both of TensorFlow's loaders."""

import json
import subprocess
import sys

SCRIPT = """
import json, sys
import tensorflow as tf
import tensorflow_text

def plain(values):
    flat = {k: v.ravel().tolist() for k, v in sorted(values.items())}
    return {k: [x.decode() if isinstance(x, bytes) else x for x in v] for k, v in flat.items()}

for path, inputs in json.load(sys.stdin):
    model = tf.saved_model.load(path)
    given = {name: tf.constant(texts) for name, texts in inputs.items()}
    values = model.signatures["serving_default"](**given)
    print(json.dumps(plain({k: v.numpy() for k, v in values.items()})))
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], path)
        signature = meta.signature_def["serving_default"]
        names = {k: v.name for k, v in signature.outputs.items()}
        feed = {signature.inputs[name].name: texts for name, texts in inputs.items()}
        print(json.dumps(plain(session.run(names, feed))))
assert not [name for name in sys.modules if name.split(".")[0] == "kortf"]
"""


def run(models: list[tuple[str, dict[str, list[str]]]], directory) -> list[list[dict]]:
    """What each model answers, by the loader of today and by that of TensorFlow 1.

    Args:
        models: path of a SavedModel, and its inputs by name.
        directory: to run in.

    Returns:
        For each model two dicts of flat lists.
    """
    lines = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(models),
        cwd=directory,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    assert len(lines) == 2 * len(models)
    return [[json.loads(line) for line in lines[i : i + 2]] for i in range(0, len(lines), 2)]
