"""Names in settings, and short names of files."""

import os
from collections.abc import Iterable, Sequence


def listed(value: str | Sequence[str] | None) -> tuple[str, ...]:
    """Return the names in a sequence, or in a comma-separated string, without empty ones.

    Example:
        >>> listed("PS, LC")
        ('PS', 'LC')
    """
    if isinstance(value, str):
        value = [name.strip() for name in value.split(",")]
    return tuple(str(name) for name in value or () if str(name))


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
