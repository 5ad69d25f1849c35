"""Groups of runs that differ only in their seed."""

import os
import statistics
from collections.abc import Sequence

from kortf.report.run import Run


def group_seeds(runs: Sequence[Run]) -> list[list[Run]]:
    """Group runs that differ only in their seed, in the order of the first run of each group.

    A second run with the same seed begins a new group.
    """
    groups: dict[tuple, list[Run]] = {}
    for run in runs:
        shared, copy = run.same_but_seed(), 0
        while run.seed in [other.seed for other in groups.get((shared, copy), [])]:
            copy += 1
        groups.setdefault((shared, copy), []).append(run)
    return list(groups.values())


def group_name(group: Sequence[Run]) -> str:
    """Return the common part of the names of a group.

    Example: of runs `nsmc-1`, `nsmc-2`, `nsmc-3`
        >>> group_name(runs)
        'nsmc (3 seeds)'
    """
    names = [run.name for run in group]
    if len(names) == 1:
        return names[0]
    shared = os.path.commonprefix(names).rstrip("0123456789-_./").removesuffix("seed")
    return f"{shared.rstrip('-_./') or names[0]} ({len(names)} seeds)"


def spread(values: Sequence[float | None], digits: int = 4) -> str:
    """Return mean and sample standard deviation over several seeds.

    Example:
        >>> spread([0.8, 0.82, 0.84])
        '0.8200 ± 0.0200 (3)'
        >>> spread([0.8])
        '0.8000'
        >>> spread([None])
        '–'
    """
    known = [value for value in values if value is not None]
    if not known:
        return "–"
    mean = f"{statistics.fmean(known):,.{digits}f}"
    if len(known) == 1:
        return mean
    return f"{mean} ± {statistics.stdev(known):,.{digits}f} ({len(known)})"
