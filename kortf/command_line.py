"""The `kortf` command that this process runs, for files that record how they were made."""

import shlex
from collections.abc import Sequence

_commands: list[str] = []


def remember(verb: str, argv: Sequence[str]) -> None:
    """Remember the command; the last one wins."""
    _commands[:] = [shlex.join(["kortf", verb, *argv])]


def command_line() -> str | None:
    """Return the command, or None where Python code calls kortf.

    Example:
        >>> remember("pretrain", ["--config=bert:mini", "--workdir=my runs"])
        >>> command_line()
        "kortf pretrain --config=bert:mini '--workdir=my runs'"
    """
    return _commands[0] if _commands else None
