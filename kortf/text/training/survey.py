"""Survey of a corpus: its size, its characters, and the documents held back."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from kortf.text.unicode.normalize import normalize

# Returns documents, each an iterable of lines; called once a pass over the corpus.
Reader = Callable[[], Iterable[list[str]]]
# Called with the bytes done since the last call.
Advance = Callable[[int], None]

HELD_BACK_EVERY = 50
_HELD_BACK_CHARS = 8_000_000
_BATCH_CHARS = 1_000_000
_CODE_POINTS = 0x110000


class Survey(NamedTuple):
    """Counts of a corpus.

    Attributes:
        documents: Number of documents.
        bytes: Size of their text in UTF-8.
        chars: Count of each character in the part to train on, normalized, most frequent first; no
            white space.
        held_back: Some normalized documents that are not trained on.
    """

    documents: int
    bytes: int
    chars: dict[str, int]
    held_back: list[str]


def survey(read: Reader, lowercase: bool, advance: Advance) -> Survey:
    """Read a corpus once, in bounded memory.

    Args:
        read: Begins a pass over the corpus.
        lowercase: Whether to lower-case.
        advance: Called with the progress.

    Example:
        Of the documents ["가 나"] and ["나."], the characters are {"나": 2, ".": 1, "가": 1} (if
        neither is held back).
    """
    counts = np.zeros(_CODE_POINTS, np.int64)
    held_back = HeldBack()
    documents = size = 0
    for batch in _batches(read()):
        batch_bytes = 0
        for number, lines in enumerate(batch, documents):
            batch_bytes += sum(len(line.encode()) for line in lines)
            if is_held_back(number):
                held_back.add(lines, lowercase)
        text = "\n".join(
            line
            for number, lines in enumerate(batch, documents)
            if not is_held_back(number)
            for line in lines
        )
        text = unicodedata.normalize("NFC", text)
        points = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        counts += np.bincount(points, minlength=_CODE_POINTS)
        documents += len(batch)
        size += batch_bytes
        advance(batch_bytes)
    return Survey(documents, size, _normalized(counts, lowercase), held_back.texts)


def is_held_back(number: int) -> bool:
    """Return whether the document of this number (from 0) is held back for the report."""
    return number % HELD_BACK_EVERY == HELD_BACK_EVERY - 1


def sample(read: Reader, share: float, advance: Advance) -> Iterator[list[str]]:
    """Yield the documents to train on: those not held back, thinned evenly.

    Args:
        read: Begins a pass over the corpus.
        share: Share of the corpus to use, at most 1.
        advance: Called with the progress.

    Yields:
        The lines of a document, unchanged.
    """
    used = 0.0
    for batch, start in _numbered_batches(read()):
        for number, lines in enumerate(batch, start):
            if is_held_back(number):
                continue
            used += share
            if used >= 1:
                used -= 1
                yield lines
        advance(sum(len(line.encode()) for lines in batch for line in lines))


class HeldBack:
    """Keeps some of the documents in bounded memory: of many every second, and so on."""

    def __init__(self):
        self.texts: list[str] = []
        self._chars = 0
        self._stride = 1
        self._seen = 0

    def add(self, lines: list[str], lowercase: bool) -> None:
        self._seen += 1
        if self._seen % self._stride:
            return
        self.texts.append(normalize("\n".join(lines), lowercase))
        self._chars += len(self.texts[-1])
        if self._chars > _HELD_BACK_CHARS and len(self.texts) > 1:
            self.texts = self.texts[1::2]
            self._chars = sum(map(len, self.texts))
            self._stride *= 2


def _normalized(counts: np.ndarray, lowercase: bool) -> dict[str, int]:
    """Turn counts by code point into counts by normalized character, most frequent first."""
    chars: Counter[str] = Counter()
    for point in np.flatnonzero(counts):
        for char in normalize(chr(point), lowercase).replace(" ", ""):
            chars[char] += int(counts[point])
    # Equally frequent characters in the order of their code points.
    return {char: chars[char] for char in sorted(chars, key=lambda char: (-chars[char], char))}


def _batches(documents: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    batch, chars = [], 0
    for lines in documents:
        batch.append(lines)
        chars += sum(map(len, lines))
        if chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _numbered_batches(documents: Iterable[list[str]]) -> Iterator[tuple[list[list[str]], int]]:
    start = 0
    for batch in _batches(documents):
        yield batch, start
        start += len(batch)
