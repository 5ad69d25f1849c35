"""Stable names for the variables of layers."""

from collections.abc import Sequence

import keras
import tensorflow as tf

from kortf.errors import InputError


def named_variables(layers: Sequence[keras.layers.Layer]) -> dict[str, tf.Variable]:
    """Return the trainable variables of some layers by their path, each once.

    Args:
        layers: Layers with weights. The path begins with the layer's `role`, if it has one, so that
            it does not depend on the name that Keras gives to the layer.

    Returns:
        Path, such as `encoder/layers/layer_0/attention/query_kernel`, to the raw variable.
    """
    named: dict[str, tf.Variable] = {}
    seen: set[int] = set()
    for layer in layers:
        for variable in layer.trainable_variables:
            if id(variable) in seen:  # shared with a layer before
                continue
            seen.add(id(variable))
            path = variable.path
            if path.startswith(f"{layer.name}/"):
                path = getattr(layer, "role", layer.name) + path.removeprefix(layer.name)
            if path in named:
                raise InputError(path, "two weights have this name", "name the layers apart")
            named[path] = variable.value
    return named
