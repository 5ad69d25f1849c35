"""Layers as functions of their weights, for gradients that are written by hand."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf


class Functional:
    """A function of layers whose weights are replaced by given tensors.

    So a gradient that is written by hand names all that it is taken of, and works under every
    strategy, where reading a variable means one of its copies.

    Args:
        function: Calls the layers.
        layers: All whose weights it reads. They must be built, and outside of any layer's call:
            inside of it, a variable's value is one in the dtype that the layer computes in.
    """

    def __init__(self, function: Callable, layers: Sequence[keras.layers.Layer]):
        self.function = function
        found = {id(v): v for layer in layers for v in layer.trainable_variables}
        self._variables = list(found.values())
        self._values = [variable.value for variable in self._variables]

    def weights(self) -> list[tf.Tensor]:
        """Return the weights as they are."""
        return [tf.convert_to_tensor(value) for value in self._values]

    def __call__(self, weights: Sequence[tf.Tensor], *args, **kwargs):
        """Call the function with these weights."""
        with keras.StatelessScope(list(zip(self._variables, weights, strict=True))):
            return self.function(*args, **kwargs)
