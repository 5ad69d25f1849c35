"""WordPiece: ids, offsets, graphs."""

import subprocess
import sys
import unicodedata

import pytest
import tensorflow as tf

import kortf
from kortf.text.hugging_face import to_tokenizers
from kortf.text.normalize import normalize
from kortf.text.survey import survey
from kortf.text.tokenizer import Tokenizer
from kortf.text.vocabulary import Vocabulary
from kortf.text.wordpiece_trainer import train_wordpiece
from tests.text.korean import CORPUS, NASTY, random_strings

STRINGS = NASTY + random_strings(1500)


@pytest.fixture(scope="module", params=[False, True], ids=["cased", "lowercase"])
def tokenizer(request):
    lowercase = request.param
    documents = [[line] for line in CORPUS] * 3
    chars = survey(lambda: documents, lowercase, lambda size: None).chars
    data = train_wordpiece(documents, chars, size=700, lowercase=lowercase)
    return Tokenizer(Vocabulary("wordpiece", data, {"do_lower_case": lowercase}))


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


def test_decomposed_text_has_the_ids_of_its_composed_twin(tokenizer):
    composed = [unicodedata.normalize("NFC", string) for string in STRINGS]
    decomposed = [unicodedata.normalize("NFD", string) for string in STRINGS]
    assert tokenizer.tokenize(decomposed).to_list() == tokenizer.tokenize(composed).to_list()


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


def test_offsets_of_decomposed_text_count_its_own_characters(tokenizer):
    string = unicodedata.normalize("NFD", "세종대왕이")  # 2 + 3 + 2 + 3 + 2 characters
    _, starts, ends = tokenizer.tokenize_with_offsets([string])
    assert starts.to_list()[0][0] == 0 and ends.to_list()[0][-1] == len(string) == 12
    assert set(starts.to_list()[0]) <= {0, 2, 5, 7, 10}


def test_text_that_is_not_utf8_loses_what_is_not(tokenizer):
    ids = tokenizer.tokenize([b"\xff\xea\xb0\x80\xed\x95", "가".encode()]).to_list()
    assert ids[0] == ids[1]
    _, starts, ends = tokenizer.tokenize_with_offsets([b"\xff\xea\xb0\x80"])
    assert (starts.to_list(), ends.to_list()) == ([[1]], [[2]])


def test_in_tf_function_and_tf_data(tokenizer):
    expected = tokenizer.tokenize(STRINGS).to_list()
    signature = [tf.TensorSpec([None], tf.string)]
    assert tf.function(tokenizer.tokenize, signature)(tf.constant(STRINGS)).to_list() == expected
    data = tf.data.Dataset.from_tensor_slices(STRINGS).batch(97).map(tokenizer.tokenize)
    assert [ids for batch in data for ids in batch.to_list()] == expected
    assert tokenizer.tokenize(tf.constant([], tf.string)).to_list() == []
    offsets = tokenizer.tokenize_with_offsets(tf.constant([], tf.string))
    assert [part.to_list() for part in offsets] == [[], [], []]


LOADER = """
import sys
import tensorflow as tf
import tensorflow_text
strings = ["세종대왕이 만들었다", "각\\u200b하 ㅋㅋ"]
ids = tf.saved_model.load(sys.argv[1]).signatures["serving_default"](text=tf.constant(strings))
with tf.compat.v1.Session(graph=tf.Graph()) as session:
    meta = tf.compat.v1.saved_model.loader.load(session, ["serve"], sys.argv[1])
    signature = meta.signature_def["serving_default"]
    feed = {signature.inputs["text"].name: strings}
    again = session.run({k: v.name for k, v in signature.outputs.items()}, feed)
for name in ("ids", "starts", "ends"):
    assert ids[name].numpy().tolist() == again[name].tolist()
    print(again[name].tolist())
"""


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
    command = [sys.executable, "-c", LOADER, str(tmp_path / "after")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    parts = tokenizer.tokenize_with_offsets(["세종대왕이 만들었다", "각\u200b하 ㅋㅋ"])
    assert done.stdout.split("\n")[:3] == [str(part.to_tensor().numpy().tolist()) for part in parts]


def test_save_and_load(tokenizer, tmp_path):
    tokenizer.save(str(tmp_path))
    again = kortf.load_tokenizer(tmp_path)
    assert again.vocabulary.fingerprint == tokenizer.vocabulary.fingerprint
    assert again.tokenize(NASTY).to_list() == tokenizer.tokenize(NASTY).to_list()


def test_pieces_that_no_text_holds_do_no_harm():
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "##b"]
    pieces += ["\x11", "a\u200bb", "##", "a b", "\ue000", "\u3000", "ab"]
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode())
    tokenizer = Tokenizer(vocabulary)
    assert tokenizer.tokenize(["ab a\u200bb \x11 \ue000"]).to_list() == [[13, 13]]
