"""Characters that a vocabulary removes from every text, if it was made so: Hanja, emoji.

It is a setting of the tokenizer, so that pretraining, fine-tuning and serving see the same text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from kortf.errors import InputError
from kortf.text.unicode import code_points
from kortf.text.unicode.normalize import python_class

# Insides of bracket expressions, as in `code_points`.
KINDS = {"hanja": code_points.IDEOGRAPHS, "emoji": code_points.EMOJI}


def check(kinds: Iterable[str], place: str) -> tuple[str, ...]:
    """The kinds, each once and in one order.

    Raises:
        InputError: there is no such kind; `place` is what asks for it.
    """
    kinds = list(kinds)
    for kind in kinds:
        if kind not in KINDS:
            problem = f"'{kind}' is no kind of character that can be removed"
            raise InputError(place, problem, f"choose {' or '.join(KINDS)}, or both")
    return tuple(kind for kind in KINDS if kind in kinds)


def pattern(kinds: Iterable[str]) -> str:
    """What is removed, for RE2 (TensorFlow) and Oniguruma (`tokenizers`)."""
    return "[" + "".join(KINDS[kind] for kind in kinds) + "]"


class Removal:
    """Removes kinds of characters from texts and counts them.

    It comes before all normalisation; nothing is put in their place.

    Args:
        kinds: of `KINDS`; with none, texts stay as they are.

    Example:
        "대한민국(大韓民國) 만세😀" without Hanja and emoji is "대한민국() 만세": of its 14
        characters 4 are Hanja and 1 is an emoji.
    """

    def __init__(self, kinds: Iterable[str]):
        self._patterns = {kind: python_class(KINDS[kind]) for kind in kinds}
        self.characters = 0
        self.removed = Counter(dict.fromkeys(self._patterns, 0))

    def remove(self, text: str) -> str:
        """The text without them."""
        self.characters += len(text)
        for kind, found in self._patterns.items():
            shorter = found.sub("", text)
            self.removed[kind] += len(text) - len(shorter)
            text = shorter
        return text

    def documents(self, documents: Iterable[list[str]]) -> Iterator[list[str]]:
        """The lines of documents without them."""
        if not self._patterns:
            yield from documents
            return
        for lines in documents:
            yield [self.remove(line) for line in lines]

    def report(self) -> dict:
        """What a report says of it; see `summarize`."""
        return summarize(self.characters, self.removed)


def summarize(characters: int, removed: dict[str, int]) -> dict:
    """How much was removed: `{"characters": all that were read, KIND: removed …, "share": …}`.

    Example:
        >>> summarize(14, {"hanja": 4, "emoji": 1})
        {'characters': 14, 'hanja': 4, 'emoji': 1, 'share': 0.35714}
    """
    share = sum(removed.values()) / max(characters, 1)
    return {"characters": characters, **removed, "share": round(share, 5)}


def describe(report: dict) -> str:
    """A line for the user of what `summarize` gave.

    Example:
        >>> describe({"characters": 14, "hanja": 4, "emoji": 1, "share": 0.35714})
        'removed: 4 hanja, 1 emoji, 35.714% of 14 characters'
    """
    kinds = ", ".join(f"{report[kind]:,} {kind}" for kind in KINDS if kind in report)
    return f"removed: {kinds}, {report['share']:.3%} of {report['characters']:,} characters"
