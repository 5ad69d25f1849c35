"""Ids back to text."""

import pytest

from kortf.text.decoding import decode
from kortf.text.tokenizer import load_tokenizer
from kortf.text.vocabulary import Vocabulary

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


def test_a_tokenized_text_comes_back(vocabulary_dir):
    tokenizer = load_tokenizer(str(vocabulary_dir))
    text = "영화가 정말 좋다. 음악도 좋다!"
    assert decode(tokenizer.vocabulary, tokenizer.tokenize([text])[0].numpy()) == text
