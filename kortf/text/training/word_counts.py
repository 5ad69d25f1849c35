"""Count the words of a domain's text."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from kortf.text.training.survey import Advance, HeldBack, is_held_back
from kortf.text.unicode.normalize import normalize
from kortf.text.unicode.removal import Removal
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary

# Most different eojeol that are counted; the rarest of more are dropped.
_MOST_EOJEOL = 3_000_000
_REPORT_EVERY = 1000
_PLAIN = re.compile("[0-9A-Za-z가-힣]+")


class WordCounts(NamedTuple):
    """The words of a text.

    Attributes:
        documents: Number of documents.
        bytes: Size of their text in UTF-8.
        words: Count of each normalized word in the part that is not held back. Punctuation marks
            and Hanja are separate words.
        held_back: Normalized texts of every 50th document, or of some of those.
        removed: Result of `Removal.report`; None for a vocabulary that removes nothing.
    """

    documents: int
    bytes: int
    words: dict[str, int]
    held_back: list[str]
    removed: dict | None


def count_words(
    documents: Iterable[list[str]], vocabulary: Vocabulary, advance: Advance
) -> WordCounts:
    """Read a text once, in bounded memory.

    Args:
        documents: Lines of each document.
        vocabulary: WordPiece vocabulary, whose normalization is used.
        advance: Called with the bytes read.

    Example:
        ["청원을 (청원)"] has the words {"청원을": 1, "청원": 1, "(": 1, ")": 1}.
    """
    held_back, removal = HeldBack(), Removal(vocabulary.remove)
    eojeol: Counter[str] = Counter()
    number = size = told = 0
    for number, lines in enumerate(removal.documents(documents), 1):
        size += sum(len(line.encode()) for line in lines)
        if is_held_back(number - 1):
            held_back.add(lines, vocabulary.lowercase)
        else:
            eojeol.update(normalize("\n".join(lines), vocabulary.lowercase).split())
            _forget_rare(eojeol)
        if number % _REPORT_EVERY == 0:
            advance(size - told)
            told = size
    advance(size - told)
    removed = removal.report() if vocabulary.remove else None
    return WordCounts(number, size, _split(eojeol, vocabulary), held_back.texts, removed)


def _forget_rare(eojeol: Counter[str]) -> None:
    least = 1
    while len(eojeol) > _MOST_EOJEOL:
        for word in [word for word, count in eojeol.items() if count <= least]:
            del eojeol[word]
        least += 1


def _split(eojeol: Counter[str], vocabulary: Vocabulary) -> dict[str, int]:
    """Split eojeol into words, exactly as the tokenizer does."""
    twin = to_tokenizers(vocabulary, special_tokens=False)
    words: Counter[str] = Counter()
    for text, count in eojeol.items():
        if _PLAIN.fullmatch(text):  # most are, and splitting is slow
            words[text] += count
            continue
        for word, _ in twin.pre_tokenizer.pre_tokenize_str(twin.normalizer.normalize_str(text)):
            words[word] += count
    return dict(words)
