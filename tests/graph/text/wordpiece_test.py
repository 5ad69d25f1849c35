"""WordPiece: ids and offsets."""

import pytest
import tensorflow as tf

from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.unicode.normalize import normalize
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text import trained
from tests.harness.text.korean import NASTY, random_strings

STRINGS = NASTY + random_strings(1500)


@pytest.fixture(scope="module", params=[False, True], ids=["cased", "lowercase"])
def tokenizer(request):
    return trained.wordpiece(lowercase=request.param)


def test_ids_are_those_of_tokenizers(tokenizer):
    twin = to_tokenizers(tokenizer.vocabulary, special_tokens=False)
    for string, ids in zip(STRINGS, tokenizer.tokenize(STRINGS).to_list(), strict=True):
        assert ids == twin.encode(string).ids, repr(string)


def test_known_pieces():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "세종", "##대왕", "##이"]
    tokenizer = Tokenizer(Vocabulary("wordpiece", "\n".join(pieces).encode()))
    ids, starts, ends = tokenizer.tokenize_with_offsets(tf.constant(["세종대왕이", "왕"]))
    assert ids.to_list() == [[5, 6, 7], [1]]
    assert starts.to_list() == [[0, 2, 4], [0]]
    assert ends.to_list() == [[2, 4, 5], [1]]
    assert ids.dtype == starts.dtype == ends.dtype == tf.int32


def test_long_words_are_unknown_by_characters_not_bytes(tokenizer):
    unknown = tokenizer.vocabulary.unk_id
    words = ["a" * 100, "a" * 101, "기" * 100, "기" * 101]
    lengths = [len(ids) for ids in tokenizer.tokenize(words).to_list()]
    assert lengths[0] > 1 and lengths[2] > 1
    assert tokenizer.tokenize(words).to_list()[1] == [unknown]
    assert tokenizer.tokenize(words).to_list()[3] == [unknown]


def test_offsets_point_at_the_text_of_each_piece(tokenizer):
    vocabulary = tokenizer.vocabulary
    ids, starts, ends = tokenizer.tokenize_with_offsets(STRINGS)
    assert ids.to_list() == tokenizer.tokenize(STRINGS).to_list()
    rows = zip(STRINGS, ids.to_list(), starts.to_list(), ends.to_list(), strict=True)
    checked = 0
    for string, row_ids, row_starts, row_ends in rows:
        assert row_starts == sorted(row_starts) and row_ends == sorted(row_ends)
        for i, start, end in zip(row_ids, row_starts, row_ends, strict=True):
            found = normalize(string[start:end], vocabulary.lowercase)
            assert 0 <= start < end <= len(string)
            assert found == found.strip()
            if i != vocabulary.unk_id:
                piece = vocabulary.pieces[i].removeprefix("##")
                # The two letters that İ becomes may be cut apart; its place is the whole of it.
                assert found == piece or (string[start:end] == "İ" and piece in found), string
                checked += 1
    assert checked > 5000


def test_text_that_is_not_utf8_loses_what_is_not(tokenizer):
    ids = tokenizer.tokenize([b"\xff\xea\xb0\x80\xed\x95", "가".encode()]).to_list()
    assert ids[0] == ids[1]
    _, starts, ends = tokenizer.tokenize_with_offsets([b"\xff\xea\xb0\x80"])
    assert (starts.to_list(), ends.to_list()) == ([[1]], [[2]])


def test_pieces_that_no_text_holds_do_no_harm():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b"]
    pieces += ["\x11", "a\u200bb", "##", "a b", "\ue000", "\u3000", "ab"]
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode())
    tokenizer = Tokenizer(vocabulary)
    assert tokenizer.tokenize(["ab a\u200bb \x11 \ue000"]).to_list() == [[13, 13]]
