"""The trie of pieces, against longest-match cutting in plain Python."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kortf.text.tokenizer.lines.piece_trie import PieceTrie
from kortf.text.tokenizer.longest_match import LongestMatch
from kortf.text.unicode import normalize, tables

LETTERS = "가나다라"


def test_example_of_the_docstring():
    trie = PieceTrie([([1], False, 7), ([1, 2], False, 8)], letters=3)
    ids, lengths = trie.longest(np.array([1, 1, 2, 0]), np.array([0, 1, 2]), inside=False)
    assert (ids.tolist(), lengths.tolist()) == ([7, 8, -1], [1, 2, 1])


@settings(max_examples=100, deadline=None)
@given(
    outside=st.sets(st.text(LETTERS, min_size=1, max_size=5), max_size=30),
    inside=st.sets(st.text(LETTERS, min_size=1, max_size=5), max_size=30),
    word=st.text(LETTERS, min_size=1, max_size=20),
)
def test_longest_pieces(outside, inside, word):
    pieces = [*outside, *(f"##{piece}" for piece in inside)]
    spelled = [
        ([LETTERS.index(c) + 1 for c in piece.removeprefix("##")], piece.startswith("##"), number)
        for number, piece in enumerate(pieces)
    ]
    letters = np.array([*(LETTERS.index(c) + 1 for c in word), 0])
    trie = PieceTrie(spelled, len(LETTERS) + 1)
    for at, end in enumerate(LongestMatch(pieces).ends(word)):
        ids, lengths = trie.longest(letters, np.array([at]), inside=at > 0)
        if end == at:
            assert ids[0] == -1
        else:
            found = ("##" if at else "") + word[at:end]
            assert (pieces[ids[0]], lengths[0]) == (found, end - at)


def test_table_of_single_characters():
    found = tables.single()
    chars = [c for c in range(0, 0x110000, 1) if c < 0x3FFFF or c % 61 == 0]
    wrong = [hex(c) for c in chars if normalize.is_single(chr(c)) != found[c]]
    assert wrong == []
