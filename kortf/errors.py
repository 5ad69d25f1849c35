"""Errors that a user can act on."""

import contextlib
import difflib
from collections.abc import Iterable, Iterator


class InputError(ValueError):
    """Report input that cannot be used, as one line `PLACE: PROBLEM; FIX`.

    The command line prints the message on stderr and exits with status 2.

    Args:
        place: File, line, field or flag at fault.
        problem: Reason why the input cannot be used.
        cure: Action that makes it usable.

    Example:
        >>> str(InputError("a.tsv, line 3", "expected 3 fields, got 2", "export the file again"))
        'a.tsv, line 3: expected 3 fields, got 2; export the file again'
    """

    def __init__(self, place: str, problem: str, cure: str):
        super().__init__(" ".join(f"{place}: {problem}; {cure}".split()))
        self.parts = (place, problem, cure)

    def __reduce__(self):
        return type(self), self.parts  # keeps the three parts when a worker process raises it


def did_you_mean(name: str, known: Iterable[str], prefix: str = "") -> str:
    """Suggest the known name nearest to a mistyped one, or list all known names.

    Args:
        name: Name that the user gave.
        known: Names that exist, in the order in which to list them.
        prefix: Text printed before each name, such as `--config.`.

    Returns:
        The last part of an `InputError`.

    Example:
        >>> did_you_mean("nsmd", ["korsts", "nsmc"])
        "did you mean 'nsmc'?"
        >>> did_you_mean("x", ["korsts", "nsmc"])
        'choose one of korsts, nsmc'
    """
    known = list(known)
    near = difflib.get_close_matches(str(name), known, n=1)
    if near:
        return f"did you mean '{prefix}{near[0]}'?"
    if not known:
        return "nothing can be chosen here"
    return f"choose one of {', '.join(prefix + each for each in known)}"


@contextlib.contextmanager
def blaming(place: str) -> Iterator[None]:
    """Turn a `ValueError` inside the block into an `InputError` at `place`.

    Layers know neither files nor flags: they raise `ValueError`, and the caller names the place.

    Args:
        place: Config key, file or flag whose value the block uses.
    """
    try:
        yield
    except InputError:
        raise
    except ValueError as error:
        raise InputError(place, str(error), "correct the config, or set it by a flag") from error
