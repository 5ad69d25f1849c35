"""Choose the terms of a domain: the pieces that save most tokens of its words."""

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator

from kortf.text.tokenizer.longest_match import INSIDE, LongestMatch

# Most words to consider, the frequent ones first.
_MOST_WORDS = 400_000
# Longer words are addresses and laughter.
_LONGEST_WORD = 30
# Candidates to follow, for each that can be chosen; the others save too little from the start.
_FOLLOWED = 8
_LEAST_SAVED = 3


def choose_terms(words: dict[str, int], pieces: Iterable[str], count: int) -> list[tuple[str, int]]:
    """Choose new pieces one after the other, each the one that saves most beside those before it.

    A candidate is the beginning of a word, of any length, or a part of it from a place where it is
    cut (then with `##` in front): eojeol end in particles and endings, so that neither whole words
    nor stems alone suffice. A word that cannot be cut counts as one piece more than it has
    characters, as the cost of [UNK].

    Args:
        words: Count of each normalized word in the domain's text; punctuation marks are separate
            words.
        pieces: Pieces of the vocabulary.
        count: Most pieces to choose.

    Returns:
        The new pieces and the number of tokens each saves, in the order of choice. A piece that
        saves fewer than 3 is not chosen.

    Example:
        Of the pieces `청`, `##원`, `##이`, `##을`, `##은` and the words {"청원이": 4, "청원을": 3,
        "청원은": 3}, the first choice is `청원`, which saves 10 tokens; `청원이` then saves 4 more.
    """
    matcher = LongestMatch(pieces)
    known = [word for word in words if 0 < len(word) <= _LONGEST_WORD]
    cut = [word for word in known if _cost(word, matcher.ends(word)) > 1]
    cut.sort(key=lambda word: (-words[word], word))
    cut = cut[:_MOST_WORDS]
    gains = _gains(cut, words, matcher, count * _FOLLOWED)
    where = _where(cut, gains)
    heap = [(-gain, term) for term, gain in gains.items()]
    heapq.heapify(heap)
    chosen: list[tuple[str, int]] = []
    while heap and len(chosen) < count:
        gain, term = heapq.heappop(heap)
        if -gain != gains.get(term):
            continue  # it changed and was pushed again, or is chosen
        if -gain < _LEAST_SAVED:
            break
        chosen.append((term, -gain))
        del gains[term]
        changed = _take(term, gains, [cut[i] for i in where[term]], words, matcher)
        for other in changed:
            if gains[other] > 0:
                heapq.heappush(heap, (-gains[other], other))
    return chosen


def _take(
    term: str, gains: dict[str, int], affected: list[str], words: dict[str, int], matcher
) -> list[str]:
    """Add a term to the vocabulary; return the others that now save more or less."""
    change: Counter[str] = Counter()
    for word in affected:
        for other, saved in _savings(word, matcher):
            change[other] -= saved * words[word]
    matcher.add(term)
    for word in affected:
        for other, saved in _savings(word, matcher):
            change[other] += saved * words[word]
    changed = [other for other, by in change.items() if by and other in gains]
    for other in changed:
        gains[other] += change[other]
    return changed


def _gains(
    cut: list[str], words: dict[str, int], matcher: LongestMatch, most: int
) -> dict[str, int]:
    """Return the tokens that each candidate saves by itself, for those that save most."""
    gains: Counter[str] = Counter()
    for word in cut:
        for term, saved in _savings(word, matcher):
            gains[term] += saved * words[word]
    # Equal candidates in the order of their spelling, not of the text.
    best = heapq.nsmallest(most, ((-gain, term) for term, gain in gains.items() if gain > 0))
    return {term: -gain for gain, term in best}


def _where(cut: list[str], gains: dict[str, int]) -> dict[str, list[int]]:
    """Return the words whose cut a candidate can change: those it begins or is inside of."""
    where: dict[str, list[int]] = {term: [] for term in gains}
    for number, word in enumerate(cut):
        found = {word[:end] for end in range(1, len(word) + 1)}
        for start in range(1, len(word)):
            found.update(INSIDE + word[start:end] for end in range(start + 1, len(word) + 1))
        for term in found:
            if term in where:
                where[term].append(number)
    return where


def _savings(word: str, matcher: LongestMatch) -> Iterator[tuple[str, int]]:
    """Yield candidates in a word, and the pieces each saves (negative: adds)."""
    length, ends = len(word), matcher.ends(word)
    unknown = length + 1
    rest: list[int] = [0] * (length + 1)  # pieces from each place to the end
    for start in range(length - 1, 0, -1):
        rest[start] = unknown if ends[start] == start else 1 + rest[ends[start]]
    now = _cost(word, ends)
    for end in range(ends[0] + 1, length + 1):
        yield word[:end], now - min(1 + rest[end], unknown)
    start, before = ends[0], 1
    while 0 < start < length:
        for end in range(ends[start] + 1, length + 1):
            yield INSIDE + word[start:end], now - min(before + 1 + rest[end], unknown)
        if ends[start] == start:
            break
        start, before = ends[start], before + 1


def _cost(word: str, ends: list[int]) -> int:
    """Return the number of pieces of a word; its characters plus one if it cannot be cut."""
    start = pieces = 0
    while start < len(word):
        if ends[start] == start:
            return len(word) + 1
        start, pieces = ends[start], pieces + 1
    return pieces
