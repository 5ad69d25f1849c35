"""Run SavedModels in a process without kortf, by both of TensorFlow's loaders.

The process lives as long as the tests of a worker, so TensorFlow is imported once for all of them.
"""

import atexit
import functools
import json
import subprocess
import sys
import tempfile

SCRIPT = """
import json, sys
import tensorflow as tf
import tensorflow_text

def plain(values):
    flat = {k: v.ravel().tolist() for k, v in sorted(values.items())}
    return {k: [x.decode() if isinstance(x, bytes) else x for x in v] for k, v in flat.items()}

for line in sys.stdin:
    path, inputs = json.loads(line)
    model = tf.saved_model.load(path)
    given = {name: tf.constant(texts) for name, texts in inputs.items()}
    values = model.signatures["serving_default"](**given)
    print(json.dumps(plain({k: v.numpy() for k, v in values.items()})), flush=True)
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], path)
        signature = meta.signature_def["serving_default"]
        names = {k: v.name for k, v in signature.outputs.items()}
        feed = {signature.inputs[name].name: texts for name, texts in inputs.items()}
        print(json.dumps(plain(session.run(names, feed))), flush=True)
    assert not [name for name in sys.modules if name.split(".")[0] == "kortf"]
"""


def run(models: list[tuple[str, dict[str, list[str]]]]) -> list[list[dict]]:
    """Return the answers of each model, by the loader of TensorFlow 2 and by that of TensorFlow 1.

    Args:
        models: Path of a SavedModel, and its inputs by name.

    Returns:
        Two dicts of flat lists for each model.
    """
    process, found = _process(), []
    for model in models:
        process.stdin.write(json.dumps(model) + "\n")
        process.stdin.flush()
        lines = [process.stdout.readline() for _ in range(2)]
        assert all(lines), f"{model[0]}: the process ended; see the errors above"
        found.append([json.loads(line) for line in lines])
    return found


@functools.cache
def _process() -> subprocess.Popen:
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT],
        cwd=tempfile.gettempdir(),  # nothing of kortf can be imported from there
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(process.kill)
    return process
