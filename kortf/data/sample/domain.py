"""Words and sentence templates for one subject of the sample's encyclopaedia."""

import dataclasses
import random
from collections.abc import Callable, Mapping

Words = dict[str, str]


@dataclasses.dataclass(frozen=True)
class Fact:
    """A sentence template, and the questions that it answers.

    Attributes:
        template: The sentence, as `template.render` takes it.
        questions: Slot of the answer to the question's template.
    """

    template: str
    questions: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Domain:
    """One kind of article.

    Attributes:
        title: The template of the article's title.
        draw: Draws the words of one article.
        lead: The facts that may open it.
        sections: Heading to the facts that may stand under it.
    """

    title: str
    draw: Callable[[random.Random], Words]
    lead: tuple[Fact, ...]
    sections: Mapping[str, tuple[Fact, ...]]


def facts(*sentences: str | tuple[str, Mapping[str, str]]) -> tuple[Fact, ...]:
    """Facts from bare templates and from pairs of a template and its questions."""
    return tuple(Fact(s) if isinstance(s, str) else Fact(*s) for s in sentences)


def table(text: str) -> list[tuple[str, ...]]:
    """Rows of words that belong together: one row a line, columns parted by `/`."""
    return [tuple(cell.strip() for cell in line.split("/")) for line in text.strip().splitlines()]
