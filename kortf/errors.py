"""The one error that a user is meant to read."""


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
        self._parts = (place, problem, cure)

    def __reduce__(self):
        return type(self), self._parts  # so that it can come from a worker process
