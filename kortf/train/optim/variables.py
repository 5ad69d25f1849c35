"""Stable names for the variables of layers."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kortf.errors import InputError


def named_variables(layers: Sequence[keras.layers.Layer]) -> dict[str, tf.Variable]:
    """Trainable variables of some layers by their path, each once.

    Args:
        layers: with weights made.

    Returns:
        Path, such as `encoder/layers/layer_0/attention/query_kernel`, to the raw variable.
    """
    named: dict[str, tf.Variable] = {}
    for layer in layers:
        for variable in layer.trainable_variables:
            if variable.path in named and named[variable.path] is not variable.value:
                raise InputError(
                    variable.path, "two weights have this name", "name the layers apart"
                )
            named[variable.path] = variable.value
    return named
