"""Find the longest piece at many places of a text at a time."""

from collections.abc import Iterable

import numpy as np

_OUTSIDE, _INSIDE = range(2)  # roots of pieces that begin a word, and of those inside one
_NO_PIECE = -1
# Slots for each letter of the trie: the more, the sooner the letters of a node find free ones.
_SLOTS = 4
_CHILD = (1 << 32) - 1  # mask of the lower half of a slot


class PieceTrie:
    """A trie of pieces, walked from many places in step.

    Pieces are sequences of letters, which are numbers from 1 on; 0 is no letter of any piece. The
    trie is a double array (Aoe 1989, "An efficient digital search algorithm by using a double-array
    structure"): the child of a node by a letter is in slot `base[node] + letter`, which names its
    owner, since nodes share the slots.

    Args:
        pieces: `(letters, inside, id)` of each piece: its letters, whether it stands inside a word,
            and its id.
        letters: Number of letters, with 0.
    """

    def __init__(self, pieces: Iterable[tuple[list[int], bool, int]], letters: int):
        children: list[dict[int, int]] = [{}, {}]
        ids = [_NO_PIECE, _NO_PIECE]
        for spelled, inside, number in pieces:
            node = _INSIDE if inside else _OUTSIDE
            for letter in spelled:
                if letter not in children[node]:
                    children[node][letter] = len(ids)
                    children.append({})
                    ids.append(_NO_PIECE)
                node = children[node][letter]
            ids[node] = number
        self._ids = np.array(ids, np.int32)  # [nodes]
        self._has_children = np.array([bool(c) for c in children])
        self._has_children[:2] = False  # a root stands for "no child" here
        # As np.intp: NumPy would convert other indices first.
        self._first = np.zeros((2, letters), np.intp)  # child of each root by each letter
        for root in (_OUTSIDE, _INSIDE):
            self._first[root, list(children[root])] = list(children[root].values())
        self._place(children, letters)

    def _place(self, children: list[dict[int, int]], letters: int) -> None:
        """Give each node slots for its children, the largest nodes first."""
        slots = 1 << (_SLOTS * len(children)).bit_length()
        self._base = np.zeros(len(children), np.intp)
        # Number of the owner, shifted by 32 bits, and number of the child.
        self._slots = np.full(slots + letters, -1, np.int64)
        taken: set[int] = set()
        for node in sorted(range(2, len(children)), key=lambda node: -len(children[node])):
            base = node * 40503 % slots
            while not taken.isdisjoint(base + letter for letter in children[node]):
                base = (base + 7919) % slots
            self._base[node] = base
            for letter, child in children[node].items():
                taken.add(base + letter)
                self._slots[base + letter] = node << 32 | child

    def longest(
        self, letters: np.ndarray, places: np.ndarray, inside: bool
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the longest piece from each place on.

        Args:
            letters: Letters of the text, int `[characters]`; the last one is 0.
            places: First letter of each piece, int `[n]`.
            inside: Whether the pieces stand inside a word.

        Returns:
            Ids int32 `[n]`, -1 where no piece fits, and numbers of letters int `[n]`.

        Example:
            With the pieces `[1]` as 7 and `[1, 2]` as 8, none of them inside a word, the letters
            `[1, 1, 2, 0]` give at the places `[0, 1, 2]` the ids `[7, 8, -1]` and the numbers
            `[1, 2, 1]`.
        """
        node = self._first[int(inside)][letters[places]]
        ids = self._ids[node]
        lengths = np.ones(len(places), np.intp)
        rows = np.flatnonzero(self._has_children[node])  # places where a longer piece may fit
        node, at, length = node[rows], places[rows], 1
        while len(rows):
            at, length = at + 1, length + 1
            slot = self._slots[self._base[node] + letters[at]]
            found = np.flatnonzero(slot >> 32 == node)
            rows, at, node = rows[found], at[found], slot[found] & _CHILD
            number = self._ids[node]
            ends = np.flatnonzero(number != _NO_PIECE)
            ids[rows[ends]] = number[ends]
            lengths[rows[ends]] = length
            more = np.flatnonzero(self._has_children[node])
            rows, at, node = rows[more], at[more], node[more]
        return ids, lengths
