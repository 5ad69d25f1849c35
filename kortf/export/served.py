"""A model as one function of strings: what a SavedModel holds, and what predicts."""

import json
from collections.abc import Callable

import tensorflow as tf

from kortf.pretrained.directory.inference import portable


class Served(tf.Module):
    """Strings in, answers out.

    It holds raw variables and functions and no Keras object: a module that holds one loads in
    Python but not in TF Serving.

    Args:
        function: from tensors tf.string `[batch]` to a dict of tensors `[batch, …]`.
        inputs: names of its arguments.
        tokenizer: that the function uses.
        description: what a reader of the SavedModel may want to know, JSON.
    """

    def __init__(
        self,
        function: Callable[..., dict[str, tf.Tensor]],
        inputs: tuple[str, ...],
        tokenizer: tf.Module,
        description: dict,
    ):
        super().__init__(name="served")
        self.tokenizer = tokenizer  # its resources are the graph's
        self._description = json.dumps(description)  # a dict would become part of the SavedModel
        signature = [tf.TensorSpec([None], tf.string, name) for name in inputs]

        def serve(*texts):
            with portable():  # in here, for TensorFlow traces once more when it saves
                return function(*texts)

        self.serve = tf.function(serve, signature, autograph=False)
        graph = self.serve.get_concrete_function().graph
        self.parameters = list(graph.variables)  # each once

    @property
    def description(self) -> dict:
        """As it was given."""
        return json.loads(self._description)
