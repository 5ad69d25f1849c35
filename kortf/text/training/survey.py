"""A first look at a corpus: how large it is, which characters it has, what is held back."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

import numpy as np

from kortf.text.unicode.normalize import normalize

# Documents: an iterable of the lines of each. Called anew for each pass over the corpus.
Reader = Callable[[], Iterable[list[str]]]
# Called with the bytes done since the last call.
Advance = Callable[[int], None]

HELD_BACK_EVERY = 50
_HELD_BACK_CHARS = 8_000_000
_BATCH_CHARS = 1_000_000
_CODE_POINTS = 0x110000


class Survey(NamedTuple):
    """What a corpus holds.

    Attributes:
        documents: number of documents.
        bytes: size of their text in UTF-8.
        chars: how often each character stands in the part to train on, normalised, most frequent
            first; no white space.
        held_back: some documents (normalised) that are not to be trained on.
    """

    documents: int
    bytes: int
    chars: dict[str, int]
    held_back: list[str]


def survey(read: Reader, lowercase: bool, advance: Advance) -> Survey:
    """Reads a corpus once, in bounded memory.

    Args:
        read: begins a pass over the corpus.
        lowercase: whether to lower-case.
        advance: told of the progress.

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
    """Whether the document of this number (from 0) is kept for the report."""
    return number % HELD_BACK_EVERY == HELD_BACK_EVERY - 1


def sample(read: Reader, share: float, advance: Advance) -> Iterator[list[str]]:
    """The documents to train on: those not held back, thinned evenly.

    Args:
        read: begins a pass over the corpus.
        share: how much of the corpus to use, at most 1.
        advance: told of the progress.

    Yields:
        The lines of a document, as they were read.
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
    """Keeps some of the documents; of many, every second and so on, so memory is bounded."""

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
    """Turns counts by code point into counts by normalised character, most frequent first."""
    chars: Counter[str] = Counter()
    for point in np.flatnonzero(counts):
        for char in normalize(chr(point), lowercase).replace(" ", ""):
            chars[char] += int(counts[point])
    # Equally frequent ones in the order of their code points.
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
