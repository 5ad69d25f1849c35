"""Articles of an encyclopaedia of an imaginary country, in WikiExtractor's format."""

import dataclasses
import random
from collections.abc import Iterator
from xml.sax.saxutils import escape

from kortf.data.sample import culture, nature, people, places
from kortf.data.sample.domain import Domain, Fact, Words
from kortf.data.sample.template import Rendered, join, render

DOMAINS: tuple[Domain, ...] = people.DOMAINS + places.DOMAINS + nature.DOMAINS + culture.DOMAINS
MIN_BODY = 300  # characters; readers of real Wikipedia take shorter bodies for stubs


@dataclasses.dataclass(frozen=True)
class Paragraph:
    """Some facts on one thing, told.

    Attributes:
        told: The text, with the places of its words.
        asked: Question, first character of its answer, character after the last.
    """

    told: Rendered
    asked: tuple[tuple[str, int, int], ...]


@dataclasses.dataclass(frozen=True)
class Article:
    """An article: `sections` are pairs of a heading (empty for the opening) and a paragraph."""

    title: str
    sections: tuple[tuple[str, Paragraph], ...]

    def body(self) -> str:
        """The text as WikiExtractor leaves it: headings are bare lines that end in a full stop."""
        lines = []
        for heading, paragraph in self.sections:
            lines += [f"{heading}.", paragraph.told.text] if heading else [paragraph.told.text]
        return "\n".join(lines)


def articles(rng: random.Random, count: int) -> Iterator[Article]:
    """Draw `count` articles with different titles, the domains in turn."""
    titles = set()
    while len(titles) < count:
        domain = DOMAINS[len(titles) % len(DOMAINS)]
        article = _article(rng, domain)
        if article.title not in titles and len(article.body()) >= MIN_BODY:
            titles.add(article.title)
            yield article


def doc_block(article: Article, number: int) -> str:
    """The article as a `<doc>` block; its characters `<`, `>` and `&` are escaped."""
    url = f"https://example.org/wiki?curid={number}"
    head = f'<doc id="{number}" url="{url}" title="{escape(article.title)}">'
    return f"{head}\n{escape(article.title)}\n\n{escape(article.body())}\n</doc>\n"


def redirect_block(title: str, number: int) -> str:
    """A `<doc>` block without a body, as redirects leave it."""
    url = f"https://example.org/wiki?curid={number}"
    return f'<doc id="{number}" url="{url}" title="{escape(title)}">\n{escape(title)}\n\n\n</doc>\n'


def _article(rng: random.Random, domain: Domain) -> Article:
    words = domain.draw(rng)
    sections = [("", _paragraph(rng, (rng.choice(domain.lead),), words))]
    for heading, facts in domain.sections.items():
        chosen = sorted(rng.sample(range(len(facts)), min(len(facts), rng.randint(3, 4))))
        sections.append((heading, _paragraph(rng, tuple(facts[i] for i in chosen), words)))
    return Article(render(domain.title, words).text, tuple(sections))


def _paragraph(rng: random.Random, facts: tuple[Fact, ...], words: Words) -> Paragraph:
    told, asked, at = [], [], 0
    for fact in facts:
        sentence = render(fact.template, words)
        for slot, question in fact.questions.items():
            start, end = next((s, e) for name, s, e in sentence.spans if name == slot)
            asked.append((render(question, words).text, at + start, at + end))
        told.append(sentence)
        at += len(sentence.text) + 1  # the space between two sentences
    return Paragraph(join(told), tuple(asked))
