"""The variables of a layer by paths of attributes: `layers.layers.0.attention.query_kernel`."""

from collections.abc import Iterator

import keras


def variable(layer: keras.layers.Layer, path: str) -> keras.Variable:
    """Return the variable that a path leads to."""
    for name in path.split("."):
        layer = layer[int(name)] if name.isdigit() else getattr(layer, name)
    return layer


def paths(layer: keras.layers.Layer) -> list[str]:
    """Return paths to all variables of a layer, each variable once, by its shortest path.

    Example: of a `keras.layers.Dense`
        >>> paths(dense)
        ['bias', 'kernel']
    """
    found = {}
    for path in _walk(layer, ()):
        found.setdefault(id(variable(layer, path)), []).append(path)
    unreached = [weight.path for weight in layer.weights if id(weight) not in found]
    if unreached:
        raise ValueError(f"no attribute of {layer.name} leads to {', '.join(unreached)}")
    shortest = (min(names, key=lambda name: (name.count("."), name)) for names in found.values())
    return sorted(shortest)


def _walk(layer: keras.layers.Layer, before: tuple[str, ...]) -> Iterator[str]:
    for name, value in vars(layer).items():
        public = name.lstrip("_")  # Dense keeps its kernel as _kernel and shows it as kernel
        if public != name and getattr(layer, public, None) is not value:
            continue  # Keras's own lists of everything
        if isinstance(value, keras.Variable):
            yield ".".join((*before, public))
        elif isinstance(value, keras.layers.Layer):
            yield from _walk(value, (*before, public))
        elif isinstance(value, (list, tuple)):
            for i, part in enumerate(value):
                if isinstance(part, keras.layers.Layer):
                    yield from _walk(part, (*before, public, str(i)))
