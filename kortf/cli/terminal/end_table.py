"""Table at the end of a verb: written files, time taken, and the next command."""

import os
import shlex
import sys
import time
from collections.abc import Sequence

from absl import flags

from kortf.duration import duration

OUTPUT_FLAGS = ("output", "workdir")
MOST_ROWS = 8
# Verbs whose output is short text to read or to evaluate, and the server, which never ends.
WITHOUT_TABLE = ("completion", "configs", "serve")


def print_end_table(module, flag_values: flags.FlagValues, started: float) -> None:
    """Print the table to a terminal; a log or a pipe gets none.

    Args:
        module: Module of the verb; its `NEXT` is a command with `{flag}` for values of flags.
        flag_values: Parsed flags.
        started: Time at which the verb began, of `time.time()`.
    """
    verb = module.__name__.rpartition(".")[2]
    if verb in WITHOUT_TABLE or not sys.stderr.isatty():
        return
    dry = "dry_run" in flag_values and flag_values["dry_run"].value
    paths = [] if dry else outputs(flag_values)
    rows = written_rows(paths, started)
    place = getattr(module, "WRITTEN", "standard output").format_map(_values(flag_values))
    nothing = "nothing, this was a dry run" if dry else "nothing new" if paths else place
    following = f"kortf {verb} with the same flags, without --dry_run"
    following = following if dry else next_command(module, flag_values)
    lines = end_table(rows or nothing, time.time() - started, following)
    print("\n".join(lines), file=sys.stderr)


def outputs(flag_values: flags.FlagValues) -> list[str]:
    """Return the local paths that a verb writes, by its flags."""
    values = [flag_values[name].value for name in OUTPUT_FLAGS if name in flag_values]
    return [value for value in values if isinstance(value, str) and "://" not in value]


def written_rows(paths: Sequence[str], started: float) -> list[tuple[str, int, int]]:
    """Return path, number of files and bytes of each output written since a moment.

    A directory is listed by its entries. Above `MOST_ROWS` entries it is one row.
    """
    rows = []
    for path in paths:
        entries = sorted(os.listdir(path)) if os.path.isdir(path) else [""]
        found = [
            (os.path.join(path, entry).rstrip("/"), *_changed(os.path.join(path, entry), started))
            for entry in entries
        ]
        found = [row for row in found if row[1]]
        if len(found) > MOST_ROWS:
            found = [(path, sum(row[1] for row in found), sum(row[2] for row in found))]
        rows += found
    return rows


def end_table(
    rows: Sequence[tuple[str, int, int]] | str, seconds: float, following: str | None
) -> list[str]:
    """Return the lines of the table.

    Example:
        >>> end_table([("runs/vocab", 4, 93_000)], 12.3, "kortf records")
        ['written  runs/vocab  4 files  93.0 kB', 'time     12 s', 'next     kortf records']

    Args:
        rows: Path, number of files and bytes of each output; a text where there are none.
        seconds: Time that the verb took.
        following: Command that usually follows.
    """
    if isinstance(rows, str):
        lines = [f"{'written':<9}{rows}"]
    else:
        width = max(len(path) for path, _, _ in rows)
        counts = [f"{count:,} file{'s' * (count != 1)}" for _, count, _ in rows]
        wide = max(map(len, counts))
        lines = [
            f"{'written' if i == 0 else '':<9}{row[0]:<{width}}  {count:>{wide}}  {size(row[2])}"
            for i, (row, count) in enumerate(zip(rows, counts, strict=True))
        ]
    lines.append(f"{'time':<9}{duration(seconds)}")
    return lines + ([f"{'next':<9}{following}"] if following else [])


def next_command(module, flag_values: flags.FlagValues) -> str | None:
    """Return the command that usually follows, with the paths of this one."""
    template = getattr(module, "NEXT", "")
    try:
        words = [word.format_map(_values(flag_values)) for word in template.split()]
    except KeyError:  # a flag that is not given
        return None
    return shlex.join(words) or None


def _values(flag_values: flags.FlagValues) -> dict[str, str]:
    given = {name: flag_values[name].value for name in flag_values}
    return {name: str(value).rstrip("/") for name, value in given.items() if value is not None}


def size(number: int) -> str:
    """Return a number of bytes as text.

    Example:
        >>> size(3_773_248), size(512)
        ('3.8 MB', '512 B')
    """
    if number < 1000:
        return f"{number} B"
    value = float(number)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def _changed(path: str, started: float) -> tuple[int, int]:
    """Return number and bytes of the files of a path that changed since a moment."""
    if os.path.isfile(path):
        status = os.stat(path)
        # The clocks of a network file system may be a little behind.
        return (1, status.st_size) if status.st_mtime >= started - 1 else (0, 0)
    files = total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            count, length = _changed(os.path.join(folder, name), started)
            files, total = files + count, total + length
    return files, total
