"""Train WordPiece with `tokenizers`."""

import re
from collections.abc import Iterable, Iterator

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

from kortf.text.training.alphabet import choose_alphabet
from kortf.text.unicode.normalize import MAX_WORD_CHARS, is_single

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_LINES_AT_ONCE = 2000
_LONG = re.compile(rf"\S{{{MAX_WORD_CHARS + 1}}}")


def train_wordpiece(
    documents: Iterable[list[str]],
    chars: dict[str, int],
    *,
    size: int,
    lowercase: bool,
    unused: int = 0,
    limit_alphabet: int = 0,
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

    Returns:
        The bytes of `vocab.txt`: special tokens, unused slots, characters, their `##` twins, then
        the pieces in the order in which they were found.

    Raises:
        InputError: `size` is too small for the special tokens and a useful alphabet.
    """
    special = SPECIAL_TOKENS + [f"[unused{i}]" for i in range(unused)]
    alphabet = choose_alphabet(chars, size, len(special), limit_alphabet)
    inside = [f"##{char}" for char in alphabet if not is_single(char)]
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=2,
        # The trainer numbers the ## twins in the order of a hash map, and pieces that are equally
        # frequent by those numbers: listed here, they are the same in every run.
        special_tokens=special + inside,
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    model = tokenizers.Tokenizer(models.WordPiece(unk_token=SPECIAL_TOKENS[1]))
    model.normalizer = _normalizer(lowercase)
    model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    model.train_from_iterator(_chunks(documents, lowercase), trainer)
    ids = model.get_vocab(with_added_tokens=False)
    known = {*special, *alphabet, *inside}
    found = sorted((piece for piece in ids if piece not in known), key=ids.get)
    pieces = special + sorted(alphabet) + sorted(inside) + found
    return "".join(f"{piece}\n" for piece in pieces).encode()


def _normalizer(lowercase: bool) -> normalizers.Normalizer:
    bert = normalizers.BertNormalizer(strip_accents=False, lowercase=lowercase)
    return normalizers.Sequence([normalizers.NFC(), bert])


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
