"""Values inside an encoder that training reads or changes while a graph is traced."""

import contextlib
import contextvars
from collections.abc import Callable, Iterator

_FOUND: contextvars.ContextVar[dict[str, list] | None] = contextvars.ContextVar(
    "taps", default=None
)


@contextlib.contextmanager
def collecting() -> Iterator[dict[str, list]]:
    """Collect the values that layers offer inside the block, by kind, in the order of the layers.

    Kinds:
        layer: Output of a layer, `[batch, seq, dim]`.
        attention: `(query, key, value, bias)` of a layer, queries unscaled, the first three
            `[batch, heads, seq, head_dim]`; `bias` hides keys, `[batch, 1, 1 or seq, seq]`.
    """
    found: dict[str, list] = {}
    token = _FOUND.set(found)
    try:
        yield found
    finally:
        _FOUND.reset(token)


_CHANGE: contextvars.ContextVar[tuple[object, Callable] | None] = contextvars.ContextVar(
    "change", default=None
)


@contextlib.contextmanager
def changing(layer: object, change: Callable) -> Iterator[None]:
    """Inside the block, let `change` map the output of a layer that calls `changed`."""
    token = _CHANGE.set((layer, change))
    try:
        yield
    finally:
        _CHANGE.reset(token)


def changed(layer: object, output):
    """Return the output of a layer, mapped if a block of `changing` is about this layer."""
    found = _CHANGE.get()
    return found[1](output) if found is not None and found[0] is layer else output


def offer(kind: str, make: Callable) -> None:
    """Add `make()` to the values of a kind, if they are collected; otherwise do nothing."""
    found = _FOUND.get()
    if found is not None:
        found.setdefault(kind, []).append(make())
