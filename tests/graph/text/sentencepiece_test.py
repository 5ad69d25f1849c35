"""SentencePiece: ids, offsets, models."""

import re

import pytest
import sentencepiece
import tensorflow as tf
from sentencepiece import sentencepiece_model_pb2

from kortf.text.tokenizer.tokenizer import Tokenizer, load_tokenizer
from kortf.text.training.sentencepiece_trainer import round_scores
from kortf.text.unicode.normalize import normalize
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text import trained
from tests.harness.text.korean import NASTY, random_strings
from tests.harness.text.trained import sentencepiece_model

# Repeated letters can be cut into the same pieces in many orders, all equally probable.
REPEATED = [letter * count for letter in ("ㅋ", "ㅋㅠ", ".", "가") for count in range(1, 40)]
STRINGS = NASTY + REPEATED + random_strings(1000)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[unused0]", "[unused1]"]


@pytest.fixture(scope="module", params=["unigram", "bpe"])
def tokenizer(request):
    return trained.sentencepiece(request.param)


def test_special_tokens_come_first(tokenizer):
    vocabulary = tokenizer.vocabulary
    assert vocabulary.pieces[:7] == SPECIAL
    assert vocabulary.special_ids == [0, 1, 2, 3, 4, 5, 6]
    assert vocabulary.size == 150


def test_ids_are_those_of_sentencepiece(tokenizer):
    model = sentencepiece.SentencePieceProcessor(model_proto=tokenizer.vocabulary.data)
    for string, ids in zip(STRINGS, tokenizer.tokenize(STRINGS).to_list(), strict=True):
        assert ids == model.encode(normalize(string, lowercase=True)), repr(string)


def test_ids_are_those_of_tokenizer_json(tokenizer):
    twin = to_tokenizers(tokenizer.vocabulary, special_tokens=False)
    strings = [string for string in STRINGS if "[" not in string]  # see `special_tokens`
    for string, ids in zip(strings, tokenizer.tokenize(strings).to_list(), strict=True):
        assert ids == twin.encode(string).ids, repr(string)


def test_offsets_point_at_the_text_of_each_piece(tokenizer):
    vocabulary = tokenizer.vocabulary
    ids, starts, ends = tokenizer.tokenize_with_offsets(STRINGS)
    assert ids.to_list() == tokenizer.tokenize(STRINGS).to_list()
    rows = zip(STRINGS, ids.to_list(), starts.to_list(), ends.to_list(), strict=True)
    checked = 0
    for string, row_ids, row_starts, row_ends in rows:
        for i, start, end in zip(row_ids, row_starts, row_ends, strict=True):
            found = normalize(string[start:end], lowercase=True)
            assert 0 <= start <= end <= len(string)
            if i != vocabulary.unk_id:
                piece = vocabulary.pieces[i].replace("▁", "")
                if "▁" not in found:
                    whole = string[start:end]
                    # What one character, or jamo and marks that belong together, became may be
                    # cut apart; the place of each part is the whole of it.
                    together = whole == "İ" or re.search("[\u1100-\u11ff\u0300-\u036f]", whole)
                    assert found == piece or (together and piece in found), string
                checked += 1
    assert checked > 5000


def test_the_same_text_gives_the_same_model(tokenizer):
    assert sentencepiece_model("unigram") == sentencepiece_model("unigram")
    assert sentencepiece_model("bpe") == sentencepiece_model("bpe")


@pytest.mark.parametrize("model", ["unigram", "bpe"])
def test_of_a_small_text_the_model_is_smaller_than_asked_for(model):
    vocabulary = Vocabulary("sentencepiece", sentencepiece_model(model, size=20_000))
    assert 150 < vocabulary.size < 5000


def test_scores_are_rounded_so_that_their_sums_are_exact():
    proto = sentencepiece_model_pb2.ModelProto.FromString(sentencepiece_model("unigram"))
    assert any(piece.score % 1 for piece in proto.pieces)
    assert all(piece.score * 128 % 1 == 0 for piece in proto.pieces)
    proto.pieces[10].score = -3.14159
    again = sentencepiece_model_pb2.ModelProto.FromString(round_scores(proto.SerializeToString()))
    assert again.pieces[10].score == -3.140625


def test_save_and_load(tokenizer, tmp_path):
    tokenizer.save(str(tmp_path))
    again = load_tokenizer(str(tmp_path))
    assert (tmp_path / "spiece.model").read_bytes() == tokenizer.vocabulary.data
    assert again.vocabulary.fingerprint == tokenizer.vocabulary.fingerprint
    assert again.vocabulary.lowercase


def test_loading_says_nothing_on_stderr(tokenizer, capfd):
    Tokenizer(tokenizer.vocabulary)
    assert capfd.readouterr().err == ""


def test_a_seed_that_is_set_takes_no_model_away():
    """tf.random.set_seed empties TensorFlow's cache of kernels, where the model lives."""
    tokenizer = trained.sentencepiece("unigram")
    before = tokenizer.tokenize(STRINGS[:9]).to_list()
    tf.random.set_seed(3)
    assert tokenizer.tokenize(STRINGS[:9]).to_list() == before
    tf.random.set_seed(4)
    ids, starts, _ = tokenizer.tokenize_with_offsets(STRINGS[:9])
    assert ids.to_list() == before and starts.shape[0] == 9
