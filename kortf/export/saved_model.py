"""SavedModels: raw strings in, answers out, and nothing of kortf needed to run them."""

import os

import tensorflow as tf

import kortf
from kortf import files
from kortf.errors import InputError
from kortf.export import continuation, fill_mask, task
from kortf.export.served import Served
from kortf.pretrained.directory.inference import is_causal, is_finetuned
from kortf.pretrained.directory.staging import stage

FILE = "saved_model.pb"
# SavedModel's own place for what is not part of the graph.
DESCRIPTION_FILE = os.path.join("assets.extra", "kortf.json")
SIGNATURE = "serving_default"


def load_model(directory: str) -> Served:
    """The function of a model directory: that of its task, or going on with texts, or filling gaps.

    Raises:
        InputError: the directory cannot be used.
    """
    if is_finetuned(directory):
        return task.load(directory)
    return (continuation if is_causal(directory) else fill_mask).load(directory)


def export(model: str, output: str) -> dict:
    """Writes a model directory as a SavedModel; the command `kortf export`.

    Args:
        model: the model directory.
        output: where the SavedModel goes; one that is there is replaced.

    Returns:
        What was written beside it: kind of model, inputs, outputs.

    Raises:
        InputError: the model directory cannot be used, or `output` is a file or that directory.
    """
    if not files.is_remote(output) and os.path.isfile(output):
        raise InputError(output, "is a file, not a directory", "name another directory")
    if not files.is_remote(output) and os.path.realpath(output) == os.path.realpath(model):
        raise InputError(output, "is the model directory itself", "name another directory")
    served = load_model(model)
    function = served.serve.get_concrete_function()
    description = served.description | {
        "version": kortf.__version__,
        "inputs": {
            spec.name: _spell(spec) for spec in tf.nest.flatten(function.structured_input_signature)
        },
        "outputs": {name: _spell(spec) for name, spec in function.structured_outputs.items()},
    }
    with stage(output, last=FILE) as beside:
        # Nobody trains a served model: without its gradients there is nothing left in it for XLA.
        options = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        tf.saved_model.save(served, beside, {SIGNATURE: served.serve}, options)
        files.write_json(os.path.join(beside, DESCRIPTION_FILE), description)
    return description


def example(description: dict, output: str) -> str:
    """Lines of Python that call an exported model."""
    texts = {
        "text": "정말 재미있는 영화였다",
        "text_pair": "아주 즐겁게 봤다",
        "question": "한글은 누가 만들었나?",
        "context": "한글은 세종대왕이 만들었다.",
    }
    if description["kind"] == "fill_mask":
        texts["text"] = f"대한민국의 수도는 {description['mask']}이다"
    given = ", ".join(f'{name}=tf.constant(["{texts[name]}"])' for name in description["inputs"])
    return (
        "import tensorflow as tf, tensorflow_text\n"
        f'model = tf.saved_model.load("{output}")\n'
        f'model.signatures["{SIGNATURE}"]({given})'
    )


def _spell(spec: tf.TensorSpec) -> str:
    """dtype and shape, such as `string [batch]`."""
    sizes = ["batch", *("?" if size is None else str(size) for size in spec.shape[1:])]
    return f"{spec.dtype.name} [{', '.join(sizes)}]"
