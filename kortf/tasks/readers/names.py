"""Settings that are names: a sequence in a config, commas between them in a flag."""

from collections.abc import Sequence


def listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """The names in a sequence, or between commas; empty ones are left out.

    Example:
        >>> listed("PS, LC")
        ('PS', 'LC')
    """
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    return tuple(str(name) for name in value or () if str(name))
