"""Longest-match cutting in plain Python, with pieces that can be added."""

from collections.abc import Iterable

INSIDE = "##"


class LongestMatch:
    """Cuts words into the pieces of a WordPiece vocabulary, to which pieces can be added.

    Args:
        pieces: Pieces as the vocabulary spells them.
    """

    def __init__(self, pieces: Iterable[str]):
        self._start: set[str] = set()
        self._inside: set[str] = set()
        self._longest = 1
        for piece in pieces:
            self.add(piece)

    def __contains__(self, piece: str) -> bool:
        return piece in self._start or piece.removeprefix(INSIDE) in self._inside

    def add(self, piece: str) -> None:
        """Add a piece; `##` in front marks one inside a word."""
        if piece.startswith(INSIDE) and piece != INSIDE:
            piece = piece.removeprefix(INSIDE)
            self._inside.add(piece)
        else:
            self._start.add(piece)
        self._longest = max(self._longest, len(piece))

    def ends(self, word: str) -> list[int]:
        """Return the end of the longest piece from each place of a word.

        The piece from place 0 begins the word, all others are inside it. Where no piece fits, the
        end is the place itself.

        Example:
            With `세종`, `##대왕`, `##대` and `##이`, "세종대왕이" gives [2, 1, 4, 3, 5].
        """
        length = len(word)
        ends = []
        for start in range(length):
            known = self._inside if start else self._start
            end = min(start + self._longest, length)
            while end > start and word[start:end] not in known:
                end -= 1
            ends.append(end)
        return ends

    def cut(self, piece: str) -> list[str] | None:
        """Cut a word, or with `##` in front the rest of one, into pieces; None if impossible.

        Example:
            With `세종`, `##대왕` and `##이`, "세종대왕이" gives [세종, ##대왕, ##이], and
            "##대왕이" gives [##대왕, ##이].
        """
        if piece.startswith(INSIDE) and piece != INSIDE:
            word, at = "\0" + piece.removeprefix(INSIDE), 1  # a place that begins no word
        else:
            word, at = piece, 0
        ends, parts = self.ends(word), []
        while at < len(word):
            if ends[at] == at:
                return None
            parts.append((INSIDE if at else "") + word[at : ends[at]])
            at = ends[at]
        return parts
