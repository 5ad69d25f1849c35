"""The contract of a tokenizer, whatever its kind: one text, one answer, in graphs and files."""

import unicodedata

import pytest
import tensorflow as tf

import kortf
from tests.harness.export import elsewhere
from tests.harness.text import trained
from tests.harness.text.korean import NASTY, random_strings

STRINGS = NASTY + random_strings(1000)
KINDS = {
    "wordpiece": lambda path: trained.wordpiece(lowercase=False),
    "wordpiece, lowercase": lambda path: trained.wordpiece(lowercase=True),
    "sentencepiece unigram": lambda path: trained.sentencepiece("unigram"),
    "sentencepiece bpe": lambda path: trained.sentencepiece("bpe"),
    **{
        f"byte-level, {kind}": lambda path, kind=kind: trained.byte_level(path, kind)
        for kind in trained.BYTE_LEVEL
    },
}


# One of each kind of tokenizer; `make test-all` runs all of them through slow graphs.
CHOSEN = ("wordpiece, lowercase", "sentencepiece unigram", "byte-level, as it is")
chosen = pytest.mark.parametrize(
    "tokenizer",
    [
        kind if kind in CHOSEN else pytest.param(kind, marks=pytest.mark.exhaustive)
        for kind in KINDS
    ],
    indirect=True,
)


@pytest.fixture(scope="module", params=KINDS)
def tokenizer(request, tmp_path_factory):
    return KINDS[request.param](tmp_path_factory.mktemp("tokenizer"))


def test_decomposed_text_has_the_ids_of_its_composed_twin(tokenizer):
    composed = [unicodedata.normalize("NFC", string) for string in STRINGS]
    decomposed = [unicodedata.normalize("NFD", string) for string in STRINGS]
    assert tokenizer.tokenize(decomposed).to_list() == tokenizer.tokenize(composed).to_list()


def test_offsets_of_decomposed_text_count_its_own_characters(tokenizer):
    string = unicodedata.normalize("NFD", "세종대왕이")  # 2 + 3 + 2 + 3 + 2 characters
    _, starts, ends = tokenizer.tokenize_with_offsets([string])
    assert starts.to_list()[0][0] == 0 and ends.to_list()[0][-1] == len(string) == 12
    assert set(starts.to_list()[0]) <= {0, 2, 5, 7, 10}


def test_offsets_come_with_the_same_ids_in_order(tokenizer):
    ids, starts, ends = tokenizer.tokenize_with_offsets(STRINGS)
    assert ids.to_list() == tokenizer.tokenize(STRINGS).to_list()
    assert ids.dtype == starts.dtype == ends.dtype == tf.int32
    for string, first, last in zip(STRINGS, starts.to_list(), ends.to_list(), strict=True):
        assert all(0 <= a <= b <= len(string) for a, b in zip(first, last, strict=True))
        assert first == sorted(first) and last == sorted(last), repr(string)


@chosen
def test_in_tf_function_and_tf_data(tokenizer):
    expected = tokenizer.tokenize(STRINGS).to_list()
    signature = [tf.TensorSpec([None], tf.string)]
    assert tf.function(tokenizer.tokenize, signature)(tf.constant(STRINGS)).to_list() == expected
    data = tf.data.Dataset.from_tensor_slices(STRINGS).batch(97).map(tokenizer.tokenize)
    assert [ids for batch in data for ids in batch.to_list()] == expected
    assert tokenizer.tokenize(tf.constant([], tf.string)).to_list() == []
    offsets = tokenizer.tokenize_with_offsets(tf.constant([], tf.string))
    assert [part.to_list() for part in offsets] == [[], [], []]


@chosen
def test_save_and_load(tokenizer, tmp_path):
    tokenizer.save(str(tmp_path))
    again = kortf.load_tokenizer(tmp_path)
    assert again.vocabulary.fingerprint == tokenizer.vocabulary.fingerprint
    assert again.tokenize(NASTY).to_list() == tokenizer.tokenize(NASTY).to_list()


@chosen
def test_saved_model_is_relocatable_and_loads_without_kortf(tokenizer, tmp_path):
    class Served(tf.Module):
        def __init__(self):
            super().__init__()
            self.tokenizer = tokenizer

        @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="text")])
        def serve(self, text):
            parts = self.tokenizer.tokenize_with_offsets(text)
            names = ("ids", "starts", "ends")
            return {name: part.to_tensor() for name, part in zip(names, parts, strict=True)}

    served = Served()
    tf.saved_model.save(
        served, str(tmp_path / "before"), signatures={"serving_default": served.serve}
    )
    (tmp_path / "before").rename(tmp_path / "after")
    texts = ["세종대왕이 만들었다", "각\u200b하 ㅋㅋ"]
    parts = tokenizer.tokenize_with_offsets(texts)
    expected = {
        name: part.to_tensor().numpy().ravel().tolist()
        for name, part in zip(("ids", "starts", "ends"), parts, strict=True)
    }
    assert elsewhere.run([(str(tmp_path / "after"), {"text": texts})]) == [[expected, expected]]
