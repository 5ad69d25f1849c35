"""A model as functions of strings and of ids: the content of a SavedModel."""

import json
from collections.abc import Callable

import numpy as np
import tensorflow as tf

from kortf.export.options import FEATURES
from kortf.pretrained.directory.inference import portable

Answers = dict[str, tf.Tensor]
Direct = Callable[..., dict[str, np.ndarray]]


class Served(tf.Module):
    """Functions of a model, by signature.

    The module holds raw variables and functions and no Keras object: TF Serving's loader fails on
    a module that holds one.

    Args:
        function: From tf.string `[batch]` tensors to a dict of tensors `[batch, …]`.
        inputs: Names of its arguments.
        tokenizer: Tokenizer that the functions use.
        description: Facts about the model, as JSON values.
        tokens: From `token_ids`, `segment_ids` and `padding_mask`, int32 `[batch, seq]`, to a dict
            of numeric tensors; None if there is no such function.
        embedding: From tf.string `[batch]` to `embedding` `[batch, dim]`; None if there is none.

    Attributes:
        direct: Functions of columns of texts to arrays, by the signature of the same answers, where
            Python answers sooner than the graph does.
    """

    def __init__(
        self,
        function: Callable[..., Answers],
        inputs: tuple[str, ...],
        tokenizer: tf.Module,
        description: dict,
        tokens: Callable[[dict], Answers] | None = None,
        embedding: Callable[[tf.Tensor], Answers] | None = None,
    ):
        super().__init__(name="served")
        self.direct: dict[str, Direct] = {}
        self.tokenizer = tokenizer  # the graphs use its resources
        self._description = json.dumps(description)  # a dict would become part of the SavedModel
        self.serve = _traced(function, [tf.TensorSpec([None], tf.string, n) for n in inputs])
        graphs = [self.serve.get_concrete_function().graph]
        self.tokens = self.embedding = None
        if tokens is not None:
            specs = [tf.TensorSpec([None, None], tf.int32, name) for name in FEATURES]
            self.tokens = _traced(lambda *ids: tokens(dict(zip(FEATURES, ids, strict=True))), specs)
        if embedding is not None:
            self.embedding = _traced(embedding, [tf.TensorSpec([None], tf.string, "text")])
        others = [f for f in (self.tokens, self.embedding) if f is not None]
        graphs += [function.get_concrete_function().graph for function in others]
        variables = [variable for graph in graphs for variable in graph.variables]
        self.parameters = list({id(v): v for v in variables}.values())  # each once

    @property
    def description(self) -> dict:
        """Facts about the model."""
        return json.loads(self._description)


def _traced(function: Callable[..., Answers], signature: list[tf.TensorSpec]):
    def call(*inputs):
        with portable():  # here, because TensorFlow traces again while it saves
            return function(*inputs)

    return tf.function(call, signature, autograph=False)
