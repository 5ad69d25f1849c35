"""Values inside an encoder that distillation reads, collected while a graph is traced."""

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


def offer(kind: str, make: Callable) -> None:
    """Add `make()` to the values of a kind, if they are collected; otherwise do nothing."""
    found = _FOUND.get()
    if found is not None:
        found.setdefault(kind, []).append(make())
