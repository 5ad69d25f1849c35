"""Values that settings may have, declared in the type of the argument that takes them.

    def __init__(self, num_layers: Count, dropout: Fraction = 0.1): ...

`check_arguments` refuses other values before a class is built with them, and values that are no
booleans where the type is `bool`.
"""

import inspect
import math
import numbers
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from kortf.errors import InputError


@dataclass(frozen=True)
class Range:
    """The values that a setting may have.

    Args:
        low: Least value.
        high: Largest value.
        whole: Whether only whole numbers are allowed.
        above: Whether `low` itself is excluded.
        below: Whether `high` itself is excluded.

    Example:
        >>> str(Range(0, 1, below=True))
        'at least 0 and below 1'
    """

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    above: bool = False
    below: bool = False

    def __str__(self) -> str:
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'above' if self.above else 'at least'} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'below' if self.below else 'at most'} {self.high:,.12g}")
        return " and ".join(parts) or "a number"

    def holds(self, value: Any) -> bool:
        """Return whether a value is in the range; infinities and NaN are in none."""
        kind = numbers.Integral if self.whole else numbers.Real
        if isinstance(value, bool) or not isinstance(value, kind) or not math.isfinite(value):
            return False
        low = value > self.low if self.above else value >= self.low
        return low and (value < self.high if self.below else value <= self.high)

    def check(self, place: str, value: Any) -> None:
        """Raise an InputError at `place` when a value is out of the range."""
        if not self.holds(value):
            number = "a whole number, " if self.whole else ""
            raise InputError(f"{place}={value}", f"must be {number}{self}", "choose such a value")


@dataclass(frozen=True)
class Choice:
    """The names that a setting may have.

    Args:
        names: Names, in the order in which an error lists them.
    """

    names: tuple[str, ...]

    def check(self, place: str, value: Any) -> None:
        """Raise an InputError at `place` for another name."""
        if not isinstance(value, str) or value not in self.names:
            cure = f"choose one of {', '.join(self.names)}"
            raise InputError(f"{place}={value}", "there is no such choice", cure)


@dataclass(frozen=True)
class Pattern:
    """A regular expression."""

    def check(self, place: str, value: Any) -> None:
        """Raise an InputError at `place` for text that is no regular expression."""
        try:
            re.compile(value)
        except (re.error, TypeError) as error:
            problem = f"not a regular expression ({error})"
            raise InputError(f"{place}={value}", problem, "correct it") from error


@dataclass(frozen=True)
class Truth:
    """True or False; text such as `"false"` is neither."""

    def check(self, place: str, value: Any) -> None:
        """Raise an InputError at `place` for another value."""
        if not isinstance(value, bool):
            raise InputError(f"{place}={value!r}", "neither True nor False", "write one of them")


Limit = Range | Choice | Pattern | Truth

_MOST = 2**31 - 1  # int32, as in the graph
Count = Annotated[int, Range(1, _MOST, whole=True)]
Natural = Annotated[int, Range(0, _MOST, whole=True)]
Positive = Annotated[float, Range(0, above=True)]
NonNegative = Annotated[float, Range(0)]
Share = Annotated[float, Range(0, 1)]
Fraction = Annotated[float, Range(0, 1, below=True)]
PositiveShare = Annotated[float, Range(0, 1, above=True)]
Number = Annotated[float, Range()]
Expression = Annotated[str, Pattern()]


def ranges_of(function: Callable) -> dict[str, Limit]:
    """Return what each argument that declares it may be: a range, names, a truth value.

    Args:
        function: A function, or a class: then also the arguments that it passes on to its bases.
    """
    if not inspect.isclass(function):
        hints = typing.get_type_hints(function, include_extras=True)
        found = {name: _limit(hint) for name, hint in hints.items() if name != "return"}
        return {name: limit for name, limit in found.items() if limit is not None}
    ranges: dict[str, Limit] = {}
    for part in reversed(function.__mro__):
        if "__init__" in vars(part) and part is not object:
            ranges |= ranges_of(part.__init__)
    return ranges


def check_arguments(function: Callable, place: str, arguments: Mapping[str, Any]) -> None:
    """Raise an InputError for an argument that may not have its value; None is not checked.

    Args:
        function: Function or class that takes the arguments.
        place: Prefix of the argument's name in errors.
        arguments: Values by name.
    """
    for name, limit in ranges_of(function).items():
        if arguments.get(name) is not None:
            limit.check(f"{place}.{name}", arguments[name])


def _limit(hint: Any) -> Limit | None:
    """Return what a type, or a member of a union, allows."""
    members = (hint, *typing.get_args(hint))
    for each in members:
        for note in getattr(each, "__metadata__", ()):
            if isinstance(note, Limit):
                return note
    return Truth() if bool in members and str not in members else None


def whole_number(text: str) -> int | None:
    """Return the number that a text of at most 18 ASCII digits spells, None for another text.

    `int` raises ValueError for more than 4,300 digits, and takes digits of other scripts.

    Example:
        >>> whole_number("042"), whole_number("-1"), whole_number("9" * 5000)
        (42, None, None)
    """
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None


def sorted_labels(labels: Iterable[str]) -> list[str]:
    """Return labels in their order, whole numbers by value.

    Example:
        >>> sorted_labels(["10", "9"]), sorted_labels(["10", "9", "없음"])
        (['9', '10'], ['10', '9', '없음'])
    """
    labels = list(labels)
    if not all(label.isdecimal() for label in labels):
        return sorted(labels)

    def value(label: str) -> tuple[int, str, str]:
        digits = label.lstrip("0")
        return len(digits), digits, label

    return sorted(labels, key=value)
