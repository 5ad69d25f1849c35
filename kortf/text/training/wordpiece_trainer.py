"""Trains WordPiece with `tokenizers`."""

from collections.abc import Iterable, Iterator

import tokenizers
from tokenizers import models, normalizers, pre_tokenizers, trainers

from kortf.text.training.alphabet import choose_alphabet
from kortf.text.unicode.normalize import is_single

SPECIAL_TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_LINES_AT_ONCE = 2000


def train_wordpiece(
    documents: Iterable[list[str]],
    chars: dict[str, int],
    *,
    size: int,
    lowercase: bool,
    unused: int = 0,
    limit_alphabet: int = 0,
) -> bytes:
    """Trains a WordPiece vocabulary: the same text gives the same vocabulary.

    Args:
        documents: their lines.
        chars: how often each character stands in them, normalised, most frequent first.
        size: number of pieces, special tokens and unused slots among them.
        lowercase: whether text is lower-cased.
        unused: number of `[unusedN]` slots.
        limit_alphabet: most characters to keep; 0 as `choose_alphabet` says.

    Returns:
        The bytes of `vocab.txt`: special tokens, unused slots, characters, their `##` twins, then
        the pieces in the order in which they were found.

    Raises:
        InputError: when `size` does not hold the special tokens and a useful alphabet.
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
    model.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.BertNormalizer(strip_accents=False, lowercase=lowercase),
        ]
    )
    model.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    model.train_from_iterator(_chunks(documents), trainer)
    ids = model.get_vocab(with_added_tokens=False)
    known = {*special, *alphabet, *inside}
    found = sorted((piece for piece in ids if piece not in known), key=ids.get)
    pieces = special + sorted(alphabet) + sorted(inside) + found
    return "".join(f"{piece}\n" for piece in pieces).encode()


def _chunks(documents: Iterable[list[str]]) -> Iterator[list[str]]:
    """Lines, many at once: handing them over one by one is slow."""
    chunk: list[str] = []
    for lines in documents:
        chunk += lines
        if len(chunk) >= _LINES_AT_ONCE:
            yield chunk
            chunk = []
    yield chunk
