"""Ids back to text."""

import re

import pytest

from kortf.text.tokenizer.decoding import TOO_MUCH, decode, joinable, spellings
from kortf.text.tokenizer.tokenizer import load_tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary

PIECES = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "세종", "##대왕", "왕", "##이다", ".", "(", ")",
]  # fmt: skip


@pytest.mark.parametrize(
    "pieces, text",
    [
        (["[CLS]", "세종", "##대왕", "왕", "##이다", ".", "[SEP]"], "세종대왕 왕이다."),
        (["왕", "(", "세종", ")"], "왕 (세종)"),
        ([], ""),
    ],
)
def test_decode(pieces, text):
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode())
    assert decode(vocabulary, [PIECES.index(piece) for piece in pieces]) == text


def test_joined_pieces_are_what_decoding_gives():
    vocabulary = Vocabulary("wordpiece", "\n".join(PIECES).encode())
    table = [text.decode() for text in joinable(vocabulary)]
    assert [table[PIECES.index(piece)] for piece in ("[CLS]", "세종", "##대왕", ".")] == [
        "", " 세종", "대왕", "."
    ]  # fmt: skip
    for pieces in (
        ["세종", "##대왕", "왕", "##이다", "."],
        ["왕", "(", "세종", "##대왕", ")", "왕"],
    ):
        ids = [PIECES.index(piece) for piece in pieces]
        joined = re.sub(TOO_MUCH, r"\1", "".join(table[i] for i in ids))
        assert joined.removeprefix(" ") == decode(vocabulary, ids)
    assert spellings(vocabulary) == PIECES


def test_a_tokenized_text_comes_back(vocabulary_dir):
    tokenizer = load_tokenizer(str(vocabulary_dir))
    text = "영화가 정말 좋다. 음악도 좋다!"
    assert decode(tokenizer.vocabulary, tokenizer.tokenize([text])[0].numpy()) == text
