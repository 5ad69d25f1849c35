"""Texts come out of the tokenizer as an encoder reads them."""

import numpy as np

from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary

PIECES = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "세종", "##대왕", "[MASK]"]


def encode(*texts, **settings) -> dict[str, list]:
    tokenizer = Tokenizer(Vocabulary("wordpiece", "\n".join(PIECES).encode()))
    return {
        key: np.array(value).astype(int).tolist()
        for key, value in tokenizer.encode(*texts, **settings).items()
    }


def test_texts():
    assert encode(["세종대왕", "세종"]) == {
        "token_ids": [[2, 4, 5, 3], [2, 4, 3, 0]],
        "segment_ids": [[0, 0, 0, 0], [0, 0, 0, 0]],
        "padding_mask": [[1, 1, 1, 1], [1, 1, 1, 0]],
    }


def test_pairs():
    assert encode(["세종", ""], ["세종대왕", "세종"], max_length=5) == {
        "token_ids": [[2, 4, 3, 4, 3], [2, 3, 4, 3, 0]],
        "segment_ids": [[0, 0, 0, 1, 1], [0, 0, 1, 1, 0]],
        "padding_mask": [[1, 1, 1, 1, 1], [1, 1, 1, 1, 0]],
    }


def test_the_package_offers_its_loader():
    from kortf.text.tokenizer import load_tokenizer, tokenizer

    assert load_tokenizer is tokenizer.load_tokenizer
