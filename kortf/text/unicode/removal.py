"""Kinds of characters that a vocabulary removes from every text: Hanja, emoji.

This is a setting of the tokenizer, so that pretraining, fine-tuning and serving see the same text.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from kortf.errors import InputError
from kortf.text.unicode import code_points
from kortf.text.unicode.normalize import python_class

# Insides of bracket expressions, as in `code_points`.
KINDS = {"hanja": code_points.IDEOGRAPHS, "emoji": code_points.EMOJI}


def check(kinds: Iterable[str], place: str) -> tuple[str, ...]:
    """Return the kinds, each once and in a fixed order.

    Raises:
        InputError: A kind is unknown; `place` is the flag or setting.
    """
    kinds = list(kinds)
    for kind in kinds:
        if kind not in KINDS:
            problem = f"'{kind}' is no kind of character that can be removed"
            raise InputError(place, problem, f"choose {' or '.join(KINDS)}, or both")
    return tuple(kind for kind in KINDS if kind in kinds)


def pattern(kinds: Iterable[str]) -> str:
    """Return the pattern of removed characters, for RE2 and Oniguruma (`tokenizers`)."""
    return "[" + "".join(KINDS[kind] for kind in kinds) + "]"


class Removal:
    """Removes kinds of characters from texts and counts them.

    It comes before all normalization; nothing replaces the characters.

    Args:
        kinds: Keys of `KINDS`; without any, texts stay unchanged.

    Example:
        "대한민국(大韓民國) 만세😀" without Hanja and emoji is "대한민국() 만세": of its 14
        characters 4 are Hanja and 1 is an emoji.
    """

    def __init__(self, kinds: Iterable[str]):
        self._patterns = {kind: python_class(KINDS[kind]) for kind in kinds}
        self.characters = 0
        self.removed = Counter(dict.fromkeys(self._patterns, 0))

    def remove(self, text: str) -> str:
        """Return the text without the characters."""
        self.characters += len(text)
        for kind, found in self._patterns.items():
            shorter = found.sub("", text)
            self.removed[kind] += len(text) - len(shorter)
            text = shorter
        return text

    def documents(self, documents: Iterable[list[str]]) -> Iterator[list[str]]:
        """Yield the lines of documents without the characters."""
        if not self._patterns:
            yield from documents
            return
        for lines in documents:
            yield [self.remove(line) for line in lines]

    def report(self) -> dict:
        """Return the counts for a report; see `summarize`."""
        return summarize(self.characters, self.removed)


def summarize(characters: int, removed: dict[str, int]) -> dict:
    """Return counts of a removal: `{"characters": all, KIND: removed …, "share": …}`.

    Example:
        >>> summarize(14, {"hanja": 4, "emoji": 1})
        {'characters': 14, 'hanja': 4, 'emoji': 1, 'share': 0.35714}
    """
    share = sum(removed.values()) / max(characters, 1)
    return {"characters": characters, **removed, "share": round(share, 5)}


def describe(report: dict) -> str:
    """Return the result of `summarize` as a line for the user.

    Example:
        >>> describe({"characters": 14, "hanja": 4, "emoji": 1, "share": 0.35714})
        'removed: 4 hanja, 1 emoji, 35.714% of 14 characters'
    """
    kinds = ", ".join(f"{report[kind]:,} {kind}" for kind in KINDS if kind in report)
    return f"removed: {kinds}, {report['share']:.3%} of {report['characters']:,} characters"
