"""Cleaning rules: the three kinds, and what each rule declares about itself.

A rule is one module with one class. The class declares its settings with their defaults, its place
in the order, a line of documentation for each setting and a worked example. A document is lines
with a newline between them, none empty.
"""

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self


@dataclass(frozen=True)
class Allowed:
    """Values that a setting accepts.

    Args:
        words: The range as an error names it, after "must be".
        fits: Function from a value of the right type to whether it is in range.
    """

    words: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True)
class Setting:
    """One setting of a cleaning.

    Args:
        key: Key in the config, with a dot before the part of a section: `length.min_chars`.
        default: Value where the config has none. Its type is the type of the setting.
        doc: Documentation line.
        allowed: Values in range; None allows any value of the type.
    """

    key: str
    default: Any
    doc: str
    allowed: Allowed | None = None


class Example(NamedTuple):
    """A worked example, which the tests assert.

    Args:
        settings: Values by key, where they differ from the defaults.
        before: Document.
        after: Document as the rule leaves it; empty if the rule drops it.
    """

    settings: dict[str, Any]
    before: str
    after: str


def at_least(least: int) -> Allowed:
    """Return the range of numbers from `least` on."""
    return Allowed(f"at least {least}", lambda value: value >= least)


def between(least: float, most: float) -> Allowed:
    """Return the range of numbers from `least` to `most`."""
    return Allowed(f"{least} to {most}", lambda value: least <= value <= most)


def one_of(*names: str) -> Allowed:
    """Return the range that consists of some names."""
    return Allowed(f"one of {', '.join(names)}", lambda value: value in names)


ONE_LINE = Allowed("a single line", lambda text: not {"\n", "\ud800"} & set(text))


class Rule(abc.ABC):
    """Base of all rules.

    Attributes:
        name: Name in the report.
        place: Number that orders the rules of a kind: characters go first, then composition, masks,
            repeats and white space.
        settings: Settings that the rule owns.
        example: Worked example.
        private: Whether the rule removes personal data. Samples then show only its form.
        once: Whether the rule sees a document once, and not again after other rules changed it.
    """

    name: str
    place: ClassVar[int]
    settings: ClassVar[tuple[Setting, ...]] = ()
    example: ClassVar[Example]
    private: ClassVar[bool] = False
    once: bool = False

    @classmethod
    def make(cls, values: Mapping[str, Any], wiki: bool) -> list[Self]:
        """Return the rules that settings ask for; none if the first setting of the rule is off.

        Args:
            values: Values of all settings by key.
            wiki: Whether the text comes from a wiki's extractor.
        """
        own = [values[setting.key] for setting in cls.settings]
        if not own[0]:
            return []
        return [cls(*(value for value in own if value is not True))]

    @classmethod  # noqa: B027 - most rules have nothing to check
    def check(cls, values: Mapping[str, Any]) -> None:
        """Raise InputError for values that are in range each, but not together."""


class TextRule(Rule):
    """Changes characters within lines, whatever lines are around.

    Thousands of documents go through such a rule as one string: `apply("가\\n나")` is
    `apply("가") + "\\n" + apply("나")`, and `kortf.clean.characters.MARK` ends a line as a newline
    does.
    """

    @abc.abstractmethod
    def apply(self, text: str) -> str:
        """Return the text as the rule leaves it."""


class DocumentRule(Rule):
    """Changes the lines of one document."""

    @abc.abstractmethod
    def apply(self, document: str) -> str:
        """Return the document as the rule leaves it, empty if no line is left."""


class Filter(Rule):
    """Drops documents."""

    @abc.abstractmethod
    def drops(self, documents: list[str]) -> list[bool]:
        """Return whether to drop each document, whatever the others are."""
