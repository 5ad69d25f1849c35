"""The one error that a user is meant to read."""

import contextlib
from collections.abc import Iterator


class InputError(ValueError):
    """Something the user gave cannot be used.

    The command line prints it as one line on stderr and exits with status 2. The message names the
    place (file, line, field, flag), says what is wrong there, and ends in what mends it.

    Example:
        >>> str(InputError("a.tsv, line 3", "2 fields where 3 are expected", "re-export the file"))
        'a.tsv, line 3: 2 fields where 3 are expected; re-export the file'
    """

    def __init__(self, place: str, problem: str, cure: str):
        super().__init__(" ".join(f"{place}: {problem}; {cure}".split()))
        self.parts = (place, problem, cure)

    def __reduce__(self):
        return type(self), self.parts  # so that it can come from a worker process


@contextlib.contextmanager
def blaming(place: str) -> Iterator[None]:
    """Turns a ValueError inside the block into an InputError at `place`.

    For building what a config describes: layers know neither files nor flags, they only say what
    does not fit.
    """
    try:
        yield
    except InputError:
        raise
    except ValueError as error:
        raise InputError(place, str(error), "correct the config, or set it by a flag") from error
