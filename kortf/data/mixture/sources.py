"""Parse the directories and weights of a mixture from a flag."""

import math
from dataclasses import dataclass

from kortf.errors import InputError

MOST_SOURCES = 128  # streams of records are numbered by source and lane


@dataclass(frozen=True)
class Source:
    """One records directory of a mixture.

    Args:
        directory: Directory of the records.
        weight: Share of the rows, relative to the other weights; None is the number of records.
    """

    directory: str
    weight: float | None = None


def parse_sources(value: str, flag: str = "--records") -> list[Source]:
    """Parse `DIR:weight,DIR:weight`.

    Raises:
        InputError: A weight is no number of at least 0, only some directories have one, or a
            directory is named twice.

    Example:
        >>> parse_sources("wiki:3,gs://bucket/web:1.5")
        [Source(directory='wiki', weight=3.0), Source(directory='gs://bucket/web', weight=1.5)]
    """
    sources = []
    for part in filter(None, (part.strip() for part in value.split(","))):
        directory, colon, weight = part.rpartition(":")
        if not colon or weight.startswith("//"):
            sources.append(Source(part))
            continue
        try:
            number = float(weight)
        except ValueError:
            sources.append(Source(part))  # a colon in the name of the directory
            continue
        if not 0 <= number < math.inf:
            raise InputError(f"{flag}={part}", "the weight must be at least 0", "give another")
        sources.append(Source(directory, number))
    if not sources:
        raise InputError(flag, "no directory is named", f"give {flag}=DIR or {flag}=DIR:1,DIR:2")
    directories = [source.directory for source in sources]
    weighted = [source.weight is not None for source in sources]
    if len(set(directories)) < len(directories):
        raise InputError(f"{flag}={value}", "a directory is named twice", "add its weights up")
    if any(weighted) and not all(weighted):
        cure = "write DIR:weight for each"
        raise InputError(f"{flag}={value}", "only some directories have a weight", cure)
    if len(sources) > MOST_SOURCES:
        cure = "join some of them into one records directory"
        raise InputError(flag, f"more than {MOST_SOURCES} directories", cure)
    return sources
