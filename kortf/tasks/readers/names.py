"""Names in settings, and short names of files."""

import os
from collections.abc import Iterable, Sequence

from kortf.errors import InputError


def listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names in a sequence, or in a comma-separated string, without empty ones.

    Example:
        >>> listed("PS, LC")
        ('PS', 'LC')
    """
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    return tuple(str(name) for name in value or () if str(name))


def class_names(value: str | Sequence[str] | None, key: str) -> tuple[str, ...]:
    """Return the names of classes in a setting.

    Args:
        value: Names in a sequence, or with commas between.
        key: Name of the setting, for the message.

    Raises:
        InputError: A name occurs twice.
    """
    names = listed(value)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"config.task.{key}", f"'{twice}' is there twice", "remove one of them")
    return names


def short_names(paths: Iterable[str]) -> dict[str, str]:
    """Map each path to its shortest ending that no other path has.

    Example:
        >>> short_names(["d/train/data.tsv", "d/test/data.tsv", "d/dev.tsv"])["d/train/data.tsv"]
        'train/data.tsv'
    """
    paths = list(dict.fromkeys(paths))
    parts = {path: os.path.normpath(path).split(os.sep) for path in paths}
    names = {}
    for path in paths:
        others = [parts[other] for other in paths if other != path]
        length = 1
        while length < len(parts[path]) and any(
            other[-length:] == parts[path][-length:] for other in others
        ):
            length += 1
        names[path] = "/".join(parts[path][-length:])
    return names
