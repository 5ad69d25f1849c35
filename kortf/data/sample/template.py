"""Sentences from templates: words put into slots, particles chosen to fit, the places kept."""

import dataclasses
import re
from collections.abc import Mapping

from kortf.data.sample.particles import MARK, particle

_PART = re.compile(rf"\{{(?P<slot>\w+)\}}|(?P<mark>{MARK.pattern})")


@dataclasses.dataclass(frozen=True)
class Rendered:
    """A sentence and where in it each slot's word stands.

    Attributes:
        text: The sentence.
        spans: Slot name, first character, character after the last, in the order of the sentence.
    """

    text: str
    spans: tuple[tuple[str, int, int], ...]


def render(template: str, words: Mapping[str, str]) -> Rendered:
    """Fills a template.

    Args:
        template: Text with slots `{name}` and particle marks such as `은(는)`, `이(가)`, `(으)로`.
        words: Word of each slot; further slots are ignored.

    Example:
        >>> render("{who}은(는) {where}(으)로 갔다.", {"who": "보라", "where": "서울"})
        Rendered(text='보라는 서울로 갔다.', spans=(('who', 0, 2), ('where', 4, 6)))
    """
    text, spans, at = "", [], 0
    for part in _PART.finditer(template):
        text += template[at : part.start()]
        at = part.end()
        if part["slot"]:
            word = words[part["slot"]]
            spans.append((part["slot"], len(text), len(text) + len(word)))
            text += word
        else:
            text += particle(text, part["mark"])
    return Rendered(text + template[at:], tuple(spans))


def join(sentences: list[Rendered], separator: str = " ") -> Rendered:
    """Sentences as one paragraph; the spans move along.

    Example:
        >>> a, b = render("{x} 하나.", {"x": "강"}), render("{x} 둘.", {"x": "산"})
        >>> join([a, b])
        Rendered(text='강 하나. 산 둘.', spans=(('x', 0, 1), ('x', 6, 7)))
    """
    text, spans = "", []
    for sentence in sentences:
        if text:
            text += separator
        spans += [(slot, len(text) + start, len(text) + end) for slot, start, end in sentence.spans]
        text += sentence.text
    return Rendered(text, tuple(spans))
