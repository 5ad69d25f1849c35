"""Byte-level BPE (Radford et al. 2019): its pieces, its merges, and what they come to."""

import functools
import json
from collections.abc import Sequence

import numpy as np

from kortf.errors import InputError

_CURE = "take the files that were published together"


def byte_characters() -> list[str]:
    """The character that stands for each byte in a piece, by byte.

    What is printed in Latin-1 stands for itself; the other bytes take the characters from U+0100
    on, in order. A space is `Ġ`.

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
        pieces: by id; bytes as `byte_characters` has them.
        merges: pairs of pieces that become one, the first one first.
        add_prefix_space: whether a text that does not begin with a space gets one.
        composes: whether the tokenizer itself composes all text (NFC); if not, kortf composes only
            what can be put together, such as jamo, and leaves compatibility ideographs.
    """

    def __init__(self, data: bytes, place: str = "vocabulary"):
        """Reads what `pack` wrote.

        Raises:
            InputError: a piece stands twice, a byte has none, or a merge is not of pieces.
        """
        given = json.loads(data)
        self.pieces: list[str] = given["pieces"]
        self.merges: list[tuple[str, str]] = [tuple(pair) for pair in given["merges"]]
        self.add_prefix_space: bool = given["add_prefix_space"]
        self.composes: bool = given["composes"]
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}
        if len(self.ids) != len(self.pieces):
            twice = next(p for i, p in enumerate(self.pieces) if self.ids[p] != i)
            raise InputError(place, f"the piece '{twice}' stands twice", _CURE)
        for byte, char in enumerate(BYTE_CHARACTERS):
            if char not in self.ids:
                raise InputError(place, f"no piece '{char}' for the byte {byte:#04x}", _CURE)
        for number, (a, b) in enumerate(self.merges, 1):
            missing = [piece for piece in (a, b, a + b) if piece not in self.ids]
            if missing:
                raise InputError(f"{place}, merge {number}", f"'{missing[0]}' is no piece", _CURE)

    @staticmethod
    def pack(
        pieces: Sequence[str],
        merges: Sequence[Sequence[str]],
        add_prefix_space: bool = False,
        composes: bool = False,
    ) -> bytes:
        """The bytes that stand for all of it: the same content, the same bytes."""
        content = {
            "pieces": list(pieces), "merges": [list(pair) for pair in merges],
            "add_prefix_space": bool(add_prefix_space), "composes": bool(composes),
        }  # fmt: skip
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()

    @functools.cached_property
    def ranks(self) -> dict[int, int]:
        """Piece to the number of the merge that makes it, of all pieces that some text is cut into.

        A single byte is made by none: -1. What no text is cut into is not there: special tokens,
        and what merges never come to.

        Whatever stands around a piece, the merges inside of it follow each other as they would if
        it stood alone: no merge has crossed its ends. So a piece is made in some text if and only
        if its own letters alone become it, and always by the same last merge.
        """
        import tokenizers  # here: it is heavy, and only this needs it

        numbers: dict[str, list[int]] = {}
        for number, (a, b) in enumerate(self.merges):
            numbers.setdefault(a + b, []).append(number)
        made, model = list(numbers), tokenizers.models.BPE(self.ids, self.merges)
        found = tokenizers.Tokenizer(model).encode_batch_fast(made, add_special_tokens=False)
        ranks = {self.ids[char]: -1 for char in BYTE_CHARACTERS}
        for piece, encoding in zip(made, found, strict=True):
            if encoding.ids == [self.ids[piece]]:
                several = len(numbers[piece]) > 1
                ranks[self.ids[piece]] = self._last(piece) if several else numbers[piece][0]
        return ranks

    def _last(self, piece: str) -> int:
        """Number of the last merge that makes a piece of its own letters."""
        order = {pair: number for number, pair in reversed(list(enumerate(self.merges)))}
        parts, last = list(piece), -1
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:], strict=False))
            last, at = min((order.get(pair, len(order)), i) for i, pair in enumerate(pairs))
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return last

    @functools.cached_property
    def lengths(self) -> np.ndarray:
        """How many bytes of a text each piece stands for, int32 [size]; special tokens for none."""
        made = self.ranks
        lengths = [len(piece) if i in made else 0 for i, piece in enumerate(self.pieces)]
        return np.array(lengths, np.int32)

    def text(self, ids: Sequence[int], errors: str = "ignore") -> str:
        """The text that pieces spell, special tokens left out.

        Args:
            ids: of the pieces.
            errors: what becomes of bytes that are no whole character, as for `bytes.decode`; they
                are left out if nothing is said.
        """
        return b"".join(map(self.content, ids)).decode("utf-8", errors)

    def content(self, i: int) -> bytes:
        """The bytes that a piece stands for; none for a special token."""
        return bytes(_BYTES[char] for char in self.pieces[i]) if i in self.ranks else b""
