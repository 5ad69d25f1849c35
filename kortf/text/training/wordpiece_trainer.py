"""Train WordPiece with `tokenizers`."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

from kortf.text.training.alphabet import choose_alphabet
from kortf.text.unicode.normalize import MAX_WORD_CHARS, is_single

MorphemeStarts = Callable[[list[str]], Iterable[set[int]]]
SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_LINES_AT_ONCE = 2000
_MARKS = "ꙮʘǃǂǁǀꜘꜙꜚ"  # letters without cases, of scripts that Korean text has not
_LONG = re.compile(rf"\S{{{MAX_WORD_CHARS + 1}}}")


def train_wordpiece(
    documents: Iterable[list[str]],
    chars: dict[str, int],
    *,
    size: int,
    lowercase: bool,
    unused: int = 0,
    limit_alphabet: int = 0,
    jamo: bool = False,
    morpheme_starts: MorphemeStarts | None = None,
) -> bytes:
    """Train a WordPiece vocabulary: the same text gives the same vocabulary.

    Words of more than 100 characters are left out, since the tokenizer makes them [UNK].

    Args:
        documents: Lines of each document.
        chars: Count of each character in them, normalized, most frequent first.
        size: Number of pieces, including special tokens and unused slots.
        lowercase: Whether text is lower-cased.
        unused: Number of `[unusedN]` slots.
        limit_alphabet: Most characters to keep; 0 for the default of `choose_alphabet`.
        jamo: Whether Hangul is taken apart into jamo (NFKD), as KR-BERT's sub-characters are.
        morpheme_starts: Function from lines to the characters at which their morphemes begin; no
            piece then crosses the border of two morphemes. Tokenizing needs no analysis.

    Returns:
        The bytes of `vocab.txt`: special tokens, unused slots, characters, their `##` twins, then
        the pieces in the order in which they were found.

    Raises:
        InputError: `size` is too small for the special tokens and a useful alphabet.
    """
    special = SPECIAL_TOKENS + [f"[unused{i}]" for i in range(unused)]
    chars = _apart(chars) if jamo else chars
    alphabet = choose_alphabet(chars, size, len(special), limit_alphabet)
    # A letter that the text has not: it begins each morpheme inside a word.
    mark = next(char for char in _MARKS if char not in chars) if morpheme_starts else ""
    inside = [f"##{char}" for char in alphabet if not is_single(char)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size + (len(inside) + size // 2 if mark else 0),
        min_frequency=2,
        # The trainer numbers the ## twins in the order of a hash map, and pieces that are equally
        # frequent by those numbers: listed here, they are the same in every run.
        special_tokens=special + inside,
        initial_alphabet=[*alphabet, *mark],
        limit_alphabet=len(alphabet) + len(mark),
        show_progress=False,
    )
    model = tokenizers.Tokenizer(models.WordPiece(unk_token=SPECIAL_TOKENS[1]))
    model.normalizer = _normalizer(lowercase, jamo)
    model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    chunks = _chunks(documents, lowercase)
    if morpheme_starts:
        chunks = (_at_morphemes(chunk, mark, morpheme_starts) for chunk in chunks)
    model.train_from_iterator(chunks, trainer)
    ids = model.get_vocab(with_added_tokens=False)
    known = {*special, *alphabet, *inside}
    found = sorted((piece for piece in ids if piece not in known), key=ids.get)
    fixed = special + sorted(alphabet) + sorted(inside)
    if mark:  # ꙮ에서 and ##에서 are one piece
        found = [piece.replace(mark, "##") for piece in found if piece != mark]
        found = [piece for piece in dict.fromkeys(found) if piece not in known]
    pieces = (fixed + found)[:size]
    return "".join(f"{piece}\n" for piece in pieces).encode()


def _normalizer(lowercase: bool, jamo: bool = False) -> normalizers.Normalizer:
    bert = normalizers.BertNormalizer(strip_accents=False, lowercase=lowercase)
    apart = [normalizers.NFKD()] if jamo else []
    return normalizers.Sequence([normalizers.NFC(), bert, *apart])


def _apart(chars: dict[str, int]) -> dict[str, int]:
    """Return the counts of characters under NFKD, most frequent first.

    Example:
        >>> _apart({"각": 2, "가": 1}) == {"\u1100": 3, "\u1161": 3, "\u11a8": 2}
        True
    """
    counts: Counter[str] = Counter()
    for char, count in chars.items():
        for part in unicodedata.normalize("NFKD", char):
            if not part.isspace():
                counts[part] += count
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _at_morphemes(lines: list[str], mark: str, morpheme_starts: MorphemeStarts) -> list[str]:
    """Return lines in which a space and the mark stand before each morpheme inside a word.

    Example:
        >>> _at_morphemes(["나는 간다."], "ꙮ", lambda lines: [{0, 1, 3, 5}])
        ['나 ꙮ는 간다.']
    """
    lines = [unicodedata.normalize("NFC", line) for line in lines]
    marked = []
    for line, starts in zip(lines, morpheme_starts(lines), strict=True):
        cuts = [
            at
            for at in sorted(starts)
            if 0 < at < len(line) and not _splits(line[at - 1]) and not _splits(line[at])
        ]
        parts = [line[a:b] for a, b in zip([0, *cuts], [*cuts, len(line)], strict=True)]
        marked.append(f" {mark}".join(parts))
    return marked


def _splits(char: str) -> bool:
    """Return whether a character is no part of a word of several characters."""
    return char.isspace() or is_single(char)


def _chunks(documents: Iterable[list[str]], lowercase: bool) -> Iterator[list[str]]:
    """Yield lines in chunks: passing them one by one is slow."""
    # Not the normalizer of the tokenizer, which is locked while it is trained.
    steps = _normalizer(lowercase), pre_tokenizers.BertPreTokenizer()
    chunk: list[str] = []
    for lines in documents:
        chunk += (_without_long_words(line, *steps) for line in lines)
        if len(chunk) >= _LINES_AT_ONCE:
            yield chunk
            chunk = []
    yield chunk


def _without_long_words(line: str, normalizer, pre_tokenizer) -> str:
    """Remove the words of more than 100 characters: addresses, laughter, base64."""
    if len(line) <= MAX_WORD_CHARS or not _LONG.search(line):
        return line
    kept = []
    for eojeol in line.split():
        if len(eojeol) > MAX_WORD_CHARS:
            text = normalizer.normalize_str(eojeol)
            words = (word for word, _ in pre_tokenizer.pre_tokenize_str(text))
            eojeol = " ".join(word for word in words if len(word) <= MAX_WORD_CHARS)
        kept.append(eojeol)
    return " ".join(kept)
