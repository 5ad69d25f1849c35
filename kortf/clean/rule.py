"""What a rule of cleaning is: a pure function with a name under which the report counts it.

A text of several lines has a newline between them and none at its ends.
"""

import abc


class TextRule(abc.ABC):
    """Changes characters within lines, the same whatever lines stand around.

    So thousands of documents go through it as one string: `apply("가\\n나")` is
    `apply("가") + "\\n" + apply("나")`, and `kortf.clean.characters.MARK` ends a line as a newline
    does.
    """

    name: str
    # Whether what it removes is nobody's business: a report's sample then shows only its form.
    private = False

    @abc.abstractmethod
    def apply(self, text: str) -> str:
        """The text as the rule leaves it."""


class DocumentRule(abc.ABC):
    """Changes the lines of one document."""

    name: str

    @abc.abstractmethod
    def apply(self, document: str) -> str:
        """The document as the rule leaves it; empty if no line is left."""


class Filter(abc.ABC):
    """Says which documents go."""

    name: str

    @abc.abstractmethod
    def drops(self, documents: list[str]) -> list[bool]:
        """Whether to drop each document, whatever the others are."""
