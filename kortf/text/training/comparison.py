"""Compare vocabularies on the same text: length, [UNK], and boundaries of morphemes and answers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kortf.text.unicode.normalize import normalize
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary

_EOJEOL = re.compile(r"\S+")
_WORDS_AT_ONCE = 10_000


class Fit(NamedTuple):
    """The fit of a vocabulary to a text.

    Attributes:
        size: Number of pieces of the vocabulary.
        unknown: Share of [UNK] among the tokens.
        tokens_per_eojeol: Tokens divided by eojeol, which are words between white space.
        whole_eojeol: Share of the eojeol that are one known piece.
        morpheme_f1: F1 of the boundaries of pieces inside eojeol against those of morphemes; None
            without an analysis.
        answers: Share of the answers that end where a piece ends; None without questions.
    """

    size: int
    unknown: float
    tokens_per_eojeol: float
    whole_eojeol: float
    morpheme_f1: float | None = None
    answers: float | None = None


class Answer(NamedTuple):
    """An answer in a context, `context[start:end]`."""

    context: str
    start: int
    end: int


def fit_of(
    vocabulary: Vocabulary,
    lines: Sequence[str],
    analysed: Sequence[tuple[str, set[int]]] = (),
    answers: Sequence[Answer] = (),
) -> Fit:
    """Measure a vocabulary.

    Args:
        vocabulary: Any vocabulary that `tokenizers` can express.
        lines: Text.
        analysed: Lines with the characters at which a morpheme begins.
        answers: Answers to questions, with their contexts.

    Raises:
        ValueError: `tokenizers` cannot express the vocabulary.

    Example:
        With the pieces `나는`, `학교`, `##에서` and `##도`, "나는 학교에서도" has 4 tokens in 2
        eojeol. Of the boundaries 나|는 학교|에서|도 two are boundaries of pieces, and no other
        piece ends inside an eojeol: precision 1, recall 2/3, F1 0.8.
    """
    cutter = _Cutter(vocabulary)
    words: Counter[str] = Counter()
    for line in lines:
        words.update(normalize(line, False).split())
    tokens = unknown = whole = 0
    for (word, count), cut in zip(words.items(), cutter.cut(list(words)), strict=True):
        del word
        tokens += count * cut.tokens
        unknown += count * cut.unknown
        whole += count * (cut.tokens == 1 and not cut.unknown)
    eojeol = max(words.total(), 1)
    return Fit(
        size=vocabulary.size,
        unknown=unknown / max(tokens, 1),
        tokens_per_eojeol=tokens / eojeol,
        whole_eojeol=whole / eojeol,
        morpheme_f1=_morpheme_f1(cutter, analysed) if analysed else None,
        answers=_answers(cutter, answers) if answers else None,
    )


class _Cut(NamedTuple):
    """Tokens of an eojeol, unknown ones among them, and the boundaries of pieces inside it."""

    tokens: int
    unknown: int
    boundaries: frozenset[int]


class _Cutter:
    def __init__(self, vocabulary: Vocabulary):
        self._twin = to_tokenizers(vocabulary, special_tokens=False)
        self._unk_id = vocabulary.unk_id

    def cut(self, words: Sequence[str]) -> Iterator[_Cut]:
        for start in range(0, len(words), _WORDS_AT_ONCE):
            for encoding in self._twin.encode_batch(list(words[start : start + _WORDS_AT_ONCE])):
                spans = encoding.offsets
                # Pieces that share a character, such as its bytes, have no boundary there.
                inside = {
                    later
                    for (_, end), (later, _) in zip(spans, spans[1:], strict=False)
                    if 0 < end <= later
                }
                unknown = encoding.ids.count(self._unk_id)
                yield _Cut(len(encoding.ids), unknown, frozenset(inside))


def _morpheme_f1(cutter: _Cutter, analysed: Sequence[tuple[str, set[int]]]) -> float:
    golds: list[set[int]] = []
    words: list[str] = []
    for line, starts in analysed:
        for match in _EOJEOL.finditer(line):
            first, end = match.span()
            words.append(match.group())
            golds.append({place - first for place in starts if first < place < end})
    hits = predicted = gold = 0
    for cut, places in zip(cutter.cut(words), golds, strict=True):
        hits += len(cut.boundaries & places)
        predicted += len(cut.boundaries)
        gold += len(places)
    return 2 * hits / max(predicted + gold, 1)


def _answers(cutter: _Cutter, answers: Sequence[Answer]) -> float:
    words, ends = [], []
    for context, start, end in answers:
        while end > start and context[end - 1].isspace():
            end -= 1
        first = max((m.end() for m in re.finditer(r"\s", context[:end])), default=0)
        rest = re.search(r"\s", context[end:])
        last = end + rest.start() if rest else len(context)
        words.append(context[first:last])
        ends.append(end - first)
    hits = sum(
        end == len(word) or end in cut.boundaries
        for word, end, cut in zip(words, ends, cutter.cut(words), strict=True)
    )
    return hits / len(answers)
