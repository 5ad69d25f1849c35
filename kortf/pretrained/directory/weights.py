"""The weights of a model directory, in whichever format they are."""

import functools
import os

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.formats import tensors, tf1, torch_file
from kortf.pretrained.formats.shards import Shards
from kortf.pretrained.formats.tensor_source import TensorSource

# In the order in which transformers looks for them.
_FORMATS = {
    tensors.FILE: tensors.TensorFile,
    f"{tensors.FILE}.index.json": functools.partial(Shards, name=f"{tensors.FILE}.index.json"),
    torch_file.FILE: torch_file.TorchFile,
    f"{torch_file.FILE}.index.json": functools.partial(
        Shards, name=f"{torch_file.FILE}.index.json"
    ),
}
# Files of formats that kortf does not read, and the reason for the error.
_OTHERS = {
    "tf_model.h5": "the weights are in TensorFlow's old format",
    "flax_model.msgpack": "the weights are in Flax's format",
}


def open_weights(directory: str) -> TensorSource:
    """Return the tensors of a model directory.

    Raises:
        InputError: There are none, or their file is broken.
    """
    for name, opened in _FORMATS.items():
        if files.exists(os.path.join(directory, name)):
            return opened(directory)
    directory, generator = tf1.located(directory)
    if tf1.checkpoints(directory):
        return tf1.Tf1Checkpoint(directory, generator)
    for name, problem in _OTHERS.items():
        if files.exists(os.path.join(directory, name)):
            cure = f"convert them with transformers: save_pretrained writes {tensors.FILE}"
            raise InputError(os.path.join(directory, name), problem, cure)
    cure = "name a model directory, or download it again"
    raise InputError(directory, f"no {tensors.FILE} in it", cure)
