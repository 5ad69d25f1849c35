"""Measure the fit of a vocabulary to text that it was not trained on."""

import unicodedata
from collections import Counter
from typing import NamedTuple

import numpy as np

from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary

_WORDS_AT_ONCE = 10_000


class Coverage(NamedTuple):
    """The fit of a vocabulary to a text.

    Attributes:
        eojeol: Number of words between white space.
        tokens: Number of pieces of these words.
        character_coverage: Share of the characters that are pieces by themselves.
        unknown_rate: Share of [UNK] among the tokens.
        pieces_per_eojeol: Tokens divided by eojeol.
        whole_eojeol: Share of the eojeol that are one piece.
    """

    eojeol: int
    tokens: int
    character_coverage: float
    unknown_rate: float
    pieces_per_eojeol: float
    whole_eojeol: float


def measure(vocabulary: Vocabulary, texts: list[str]) -> Coverage:
    """Cut normalized texts into pieces and count.

    Example:
        With the pieces `나는`, `학교`, `##에` and `간`, the text "나는 학교에 간다" has 3 eojeol
        and 4 tokens, [UNK] for `간다` among them: an unknown rate of 1/4 and 4/3 pieces per eojeol.
        One of three eojeol is whole.
    """
    words: Counter[str] = Counter()
    for text in texts:
        words.update(text.split())
    chars: Counter[str] = Counter()
    form = vocabulary.normalization.form
    for word, count in words.items():
        for char in unicodedata.normalize(form, word) if form == "NFKD" else word:
            chars[char] += count
    prefix = "##" if vocabulary.kind == "wordpiece" else "▁"
    own = {piece.removeprefix(prefix) for piece in vocabulary.pieces}
    covered = sum(count for char, count in chars.items() if char in own)

    counts = np.array(list(words.values()), np.int64)
    lengths, unknown = _cut(vocabulary, list(words))
    tokens = int(counts @ lengths)
    whole = int(counts @ ((lengths == 1) & (unknown == 0)))
    eojeol = int(counts.sum())
    return Coverage(
        eojeol=eojeol,
        tokens=tokens,
        character_coverage=covered / max(chars.total(), 1),
        unknown_rate=int(counts @ unknown) / max(tokens, 1),
        pieces_per_eojeol=tokens / max(eojeol, 1),
        whole_eojeol=whole / max(eojeol, 1),
    )


def _cut(vocabulary: Vocabulary, words: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the number of pieces and of unknown pieces of each word, int64 [words]."""
    if vocabulary.kind == "wordpiece":
        twin = to_tokenizers(vocabulary, special_tokens=False)

        def encode(some):
            return [encoding.ids for encoding in twin.encode_batch(some)]
    else:
        from sentencepiece import SentencePieceProcessor

        encode = SentencePieceProcessor(model_proto=vocabulary.data).encode
    lengths, unknown = [], []
    for start in range(0, len(words), _WORDS_AT_ONCE):
        for ids in encode(words[start : start + _WORDS_AT_ONCE]):
            lengths.append(len(ids))
            unknown.append(ids.count(vocabulary.unk_id))
    return np.array(lengths, np.int64), np.array(unknown, np.int64)
