"""Turn a function into one kernel with its own gradient."""

import contextlib
import functools
from collections.abc import Callable, Iterator

import tensorflow as tf

_compile = True


@contextlib.contextmanager
def uncompiled() -> Iterator[None]:
    """Trace graphs without XLA, and with TensorFlow's own gradients, inside the block.

    An exported model must run where XLA is not, and carries no gradients of ours.
    """
    global _compile
    before, _compile = _compile, False
    try:
        yield
    finally:
        _compile = before


def one_kernel(function: Callable) -> Callable:
    """XLA-compiled kernel inside a graph; plain where graphs are traced uncompiled.

    Outside of any graph the function runs as it is: there every new shape would be compiled anew,
    for the sake of a call or two.
    """
    compiled = tf.function(function, jit_compile=True, autograph=False)

    @functools.wraps(function)
    def call(*arguments):
        in_graph = not tf.executing_eagerly()
        return compiled(*arguments) if _compile and in_graph else function(*arguments)

    return call


def one_function(function: Callable) -> Callable:
    """One part of a graph that all calls of the same shapes share: a large graph takes memory, too.

    What it is called with must say all; and none is shared in graphs that are traced uncompiled.
    """
    shared = tf.function(function, autograph=False, experimental_attributes={"_noinline": True})

    @functools.wraps(function)
    def call(*arguments):
        in_graph = not tf.executing_eagerly()
        return shared(*arguments) if _compile and in_graph else function(*arguments)

    return call


def own_gradient(function: Callable) -> Callable:
    """tf.custom_gradient; plain autodiff where graphs are traced uncompiled."""

    @functools.wraps(function)
    def call(*arguments):
        return tf.custom_gradient(function)(*arguments) if _compile else function(*arguments)[0]

    return call


def to_float(x: tf.Tensor) -> tf.Tensor:
    """`x` in float32, in which all of them compute."""
    return tf.cast(x, tf.float32)
