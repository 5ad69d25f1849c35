"""Truth values of published tables: `True`, `TRUE`, `1` and their opposites."""

from kortf.errors import InputError

TRUTH = ("False", "True")  # as predictions spell them
_NUMBERS = {"false": 0, "0": 0, "true": 1, "1": 1}


def truth(written: str, place: str) -> int:
    """Return 1 for true and 0 for false.

    Example:
        >>> truth("TRUE", "dev.tsv, line 2"), truth("False", "dev.tsv, line 3")
        (1, 0)

    Raises:
        InputError: If it is neither.
    """
    number = _NUMBERS.get(written.strip().lower())
    if number is None:
        raise InputError(place, f"'{written}' is neither true nor false", "write True or False")
    return number
