"""Pieces and merges of byte-level BPE (Radford et al. 2019)."""

import functools
import json
from collections.abc import Sequence

import numpy as np

from kortf.errors import InputError

_CURE = "take the files that were published together"


def byte_characters() -> list[str]:
    """Return the character that spells each byte in a piece, by byte.

    Printable characters of Latin-1 spell themselves; the other bytes take the characters from
    U+0100 on, in order. A space is `Ġ`.

    Example:
        >>> chars = byte_characters()
        >>> chars[ord("A")], chars[ord(" ")], chars[0]
        ('A', 'Ġ', 'Ā')
    """
    printed = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = [byte for byte in range(256) if byte not in printed]
    return [chr(b if b in printed else 0x100 + others.index(b)) for b in range(256)]


BYTE_CHARACTERS = byte_characters()
_BYTES = {char: byte for byte, char in enumerate(BYTE_CHARACTERS)}


class BytePairs:
    """Pieces and merges.

    Attributes:
        pieces: Piece of each id; bytes as `byte_characters` spells them.
        merges: Pairs of pieces that become one, the first one first.
        add_prefix_space: Whether a text that does not begin with a space gets one.
        composes: Whether the tokenizer itself composes all text (NFC). If not, kortf composes only
            texts with characters that can be combined, such as jamo, and leaves compatibility
            ideographs.
    """

    def __init__(self, data: bytes, place: str = "vocabulary"):
        """Read the result of `pack`.

        Raises:
            InputError: A piece is repeated, a byte has none, or a merge is not of pieces.
        """
        given = json.loads(data)
        self.pieces: list[str] = given["pieces"]
        self.merges: list[tuple[str, str]] = [tuple(pair) for pair in given["merges"]]
        self.add_prefix_space: bool = given["add_prefix_space"]
        self.composes: bool = given["composes"]
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}
        if len(self.ids) != len(self.pieces):
            twice = next(p for i, p in enumerate(self.pieces) if self.ids[p] != i)
            raise InputError(place, f"the piece '{twice}' is repeated", _CURE)
        for byte, char in enumerate(BYTE_CHARACTERS):
            if char not in self.ids:
                raise InputError(place, f"no piece '{char}' for the byte {byte:#04x}", _CURE)
        for number, (a, b) in enumerate(self.merges, 1):
            missing = [piece for piece in (a, b, a + b) if piece not in self.ids]
            if missing:
                raise InputError(
                    f"{place}, merge {number}", f"'{missing[0]}' is not a piece", _CURE
                )

    @staticmethod
    def pack(
        pieces: Sequence[str],
        merges: Sequence[Sequence[str]],
        add_prefix_space: bool = False,
        composes: bool = False,
    ) -> bytes:
        """Return the bytes of a vocabulary: the same content gives the same bytes."""
        content = {
            "pieces": list(pieces), "merges": [list(pair) for pair in merges],
            "add_prefix_space": bool(add_prefix_space), "composes": bool(composes),
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    @functools.cached_property
    def ranks(self) -> dict[int, int]:
        """Number of the last merge of each piece that a text can be cut into; see `piece_ranks`."""
        return piece_ranks(self.ids, self.merges, BYTE_CHARACTERS)

    @functools.cached_property
    def lengths(self) -> np.ndarray:
        """Number of bytes that each piece spells, int32 [size]; 0 for special tokens."""
        made = self.ranks
        lengths = [len(piece) if i in made else 0 for i, piece in enumerate(self.pieces)]
        return np.array(lengths, np.int32)

    def text(self, ids: Sequence[int], errors: str = "ignore") -> str:
        """Return the text that pieces spell, special tokens left out.

        Args:
            ids: Ids of the pieces.
            errors: Treatment of bytes that are no whole character, as for `bytes.decode`; they are
                left out by default.
        """
        return b"".join(map(self.content, ids)).decode("utf-8", errors)

    def content(self, i: int) -> bytes:
        """Return the bytes that a piece spells; none for a special token."""
        return bytes(_BYTES[char] for char in self.pieces[i]) if i in self.ranks else b""


def piece_ranks(
    ids: dict[str, int], merges: Sequence[tuple[str, str]], single: Sequence[str]
) -> dict[int, int]:
    """Return the number of the merge that makes each piece that some text is cut into.

    The merges inside a piece are the same in every text: no merge has crossed its ends. So a piece
    is made in some text if and only if its own letters alone become it, and always by the same last
    merge.

    Args:
        ids: Id of each piece.
        merges: Pairs of pieces that become one, the first one first.
        single: Pieces of one letter, which no merge makes: they have the rank -1.

    Returns:
        Id to rank. Special tokens, and pieces that the merges never reach, are left out.
    """
    import tokenizers  # here: the import is slow, and no other function needs it

    numbers: dict[str, list[int]] = {}
    for number, (a, b) in enumerate(merges):
        numbers.setdefault(a + b, []).append(number)
    made, model = list(numbers), tokenizers.models.BPE(ids, [tuple(pair) for pair in merges])
    found = tokenizers.Tokenizer(model).encode_batch_fast(made, add_special_tokens=False)
    ranks = {ids[piece]: -1 for piece in single}
    order = {tuple(pair): number for number, pair in reversed(list(enumerate(merges)))}
    for piece, encoding in zip(made, found, strict=True):
        if encoding.ids == [ids[piece]]:
            several = len(numbers[piece]) > 1
            ranks[ids[piece]] = _last(piece, order) if several else numbers[piece][0]
    return ranks


def _last(piece: str, order: dict[tuple[str, str], int]) -> int:
    """Return the number of the last merge that makes a piece of its letters."""
    parts, last = list(piece), -1
    while len(parts) > 1:
        pairs = list(zip(parts, parts[1:], strict=False))
        last, at = min((order.get(pair, len(order)), i) for i, pair in enumerate(pairs))
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return last
