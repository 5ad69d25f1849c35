"""BPE over bytes: the ids of `tokenizers`, places in the text, files."""

import json
import re
import unicodedata

import numpy as np
import pytest
import tensorflow as tf
import tokenizers

import kortf
from kortf.errors import InputError
from kortf.text.tokenizer.byte_level.byte_level_words import word_begins
from kortf.text.tokenizer.byte_level.byte_pairs import BYTE_CHARACTERS, BytePairs, byte_characters
from kortf.text.tokenizer.decoding import decode
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.loading import holds_vocabulary, load_vocabulary
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text import trained
from tests.harness.text.korean import NASTY, random_strings

CONTRACTIONS = [
    "it's 's ''s\n's  's a'lls'rex",
    "  a  b ",
    "\n\n a\t\tb",
    "'S can't 'd1's's't",
    "'",
]
MARKS = re.compile("[\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0e31-\u0e4e\u1160-\u11ff]")
STRINGS = CONTRACTIONS + NASTY + random_strings(1000)


@pytest.fixture(scope="module", params=trained.BYTE_LEVEL)
def directory(request, tmp_path_factory):
    return trained.byte_level_directory(tmp_path_factory.mktemp("gpt"), request.param)


@pytest.fixture(scope="module")
def tokenizer(directory):
    return kortf.load_tokenizer(directory)


def test_byte_characters():
    assert [byte_characters()[byte] for byte in (ord("A"), ord(" "), 0)] == ["A", "Ġ", "Ā"]
    assert len(set(BYTE_CHARACTERS)) == 256


def test_words():
    text = "  it's 1가"
    begins = word_begins(tf.constant([ord(c) for c in text]), tf.zeros(len(text), tf.int32))
    assert begins.numpy().tolist() == [True, True, False, False, True, False, True, False, True]


def test_words_are_those_of_tokenizers(directory):
    twin = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    points = tf.strings.unicode_decode(STRINGS, "UTF-8")
    begins = word_begins(points.flat_values, points.value_rowids())
    begins = points.with_flat_values(begins).to_list()
    for string, row in zip(STRINGS, begins, strict=True):
        expected = [span[0] for _, span in twin.pre_tokenize_str(string)]
        assert np.flatnonzero(row).tolist() == expected, repr(string)


def test_ids_are_those_of_tokenizers(tokenizer, directory):
    twin = to_tokenizers(tokenizer.vocabulary, special_tokens=False)
    published = tokenizers.Tokenizer.from_file(str(directory / "tokenizer.json"))
    found = tokenizer.tokenize(STRINGS).to_list()
    composes = tokenizer.vocabulary.byte_pairs.composes
    for string, ids in zip(STRINGS, found, strict=True):
        composed = unicodedata.normalize("NFC", string)
        for each in (twin, published):
            as_it_is = composes or string == composed or not MARKS.search(string)
            assert ids == each.encode(string if as_it_is else composed).ids, repr(string)
    assert max(map(len, found)) > 50 and tokenizer.vocabulary.unk_id not in sum(found, [])


def test_compatibility_ideographs_stay_where_the_tokenizer_leaves_them(tokenizer, directory):
    published = tokenizers.Tokenizer.from_file(str(directory / "tokenizer.json"))
    string = "소\uf933다 \uf97c馬"  # of which NFC makes other characters
    assert tokenizer.tokenize([string]).to_list() == [published.encode(string).ids]


def test_places_are_those_of_tokenizers(tokenizer):
    twin = to_tokenizers(tokenizer.vocabulary, special_tokens=False)
    twin.post_processor = tokenizers.processors.ByteLevel(trim_offsets=True)
    composed = [s for s in STRINGS if unicodedata.is_normalized("NFC", s)]
    ids, starts, ends = tokenizer.tokenize_with_offsets(composed)
    assert ids.to_list() == tokenizer.tokenize(composed).to_list()
    rows = zip(composed, starts.to_list(), ends.to_list(), strict=True)
    for string, row_starts, row_ends in rows:
        expected = twin.encode(string).offsets
        for start, end, (first, last) in zip(row_starts, row_ends, expected, strict=True):
            assert 0 <= start <= end <= len(string)
            # What is white space alone stands for nothing; where, is a matter of taste.
            assert string[start:end] == string[first:last].strip(), repr(string)


def test_text_that_is_not_utf8(tokenizer):
    ids, _, ends = tokenizer.tokenize_with_offsets([b"\xea\xb0\x80\xff", "가\ufffd".encode()])
    assert ids.to_list()[0] == ids.to_list()[1] and ends.to_list()[0][-1] == 2


def test_text_comes_back(tokenizer):
    vocabulary = tokenizer.vocabulary
    strings = [unicodedata.normalize("NFC", string) for string in STRINGS]
    strings = [string for string in strings if not string.startswith(" ")]
    for string, ids in zip(strings, tokenizer.tokenize(strings).to_list(), strict=True):
        assert decode(vocabulary, [vocabulary.cls_id, *ids, vocabulary.sep_id]) == string
    whole = tokenizer.tokenize(["가나"]).to_list()[0]
    assert decode(vocabulary, whole[:-1]) in ("", "가")  # half a character is none


def test_roles_and_special_tokens(directory):
    vocabulary = load_vocabulary(directory)
    names = [vocabulary.pieces[getattr(vocabulary, f"{role}_id")] for role in
             ("cls", "sep", "pad", "unk", "mask")]  # fmt: skip
    assert names == ["<s>", "</s>", "<pad>", "<unk>", "<mask>"]
    assert [vocabulary.pieces[i] for i in vocabulary.special_ids] == trained.BYTE_LEVEL_SPECIAL
    assert not vocabulary.lowercase and vocabulary.kind == "bpe"


def test_one_token_plays_all_roles_as_in_gpt_2():
    data = BytePairs.pack([*BYTE_CHARACTERS, "<|endoftext|>"], [])
    vocabulary = Vocabulary("bpe", data)
    assert {vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id, vocabulary.mask_id} == {256}
    assert vocabulary.settings["bos_token"] == vocabulary.settings["eos_token"] == "<|endoftext|>"
    assert "cls_token" not in vocabulary.settings and "mask_token" not in vocabulary.settings
    named = Vocabulary("bpe", BytePairs.pack([*BYTE_CHARACTERS, "<s>", "</s>"], []),
                       {"bos_token": "</s>", "eos_token": "</s>", "unk_token": "</s>"})  # fmt: skip
    assert named.cls_id == named.sep_id == 257


def test_directories_come_back(directory, tmp_path):
    vocabulary = load_vocabulary(directory)
    save_vocabulary(vocabulary, tmp_path)
    assert holds_vocabulary(tmp_path)
    expected = Tokenizer(vocabulary).tokenize(STRINGS[:50]).to_list()
    for gone in ("README", "tokenizer.json", "tokenizer_config.json"):
        (tmp_path / gone).unlink(missing_ok=True)
        pairs = vocabulary.byte_pairs
        if (gone == "tokenizer.json" and pairs.composes) or (
            gone == "tokenizer_config.json" and pairs.add_prefix_space
        ):
            break  # which alone says so
        again = load_vocabulary(tmp_path)
        assert again.fingerprint == vocabulary.fingerprint, gone
        assert Tokenizer(again).tokenize(STRINGS[:50]).to_list() == expected


def test_merges_in_an_order_that_no_training_gives():
    """Every pair that is merged is merged as `tokenizers` does, whatever else makes its piece."""
    draw = np.random.default_rng(5)
    for _ in range(30):
        pieces, merges = list("abc"), []
        for _ in range(25):
            a, b = draw.choice(pieces, 2)
            if len(a + b) < 6 and (str(a), str(b)) not in merges:
                merges.append((str(a), str(b)))
                pieces = list(dict.fromkeys([*pieces, str(a + b)]))
        draw.shuffle(merges)
        all_pieces = [*BYTE_CHARACTERS, *(p for p in pieces if len(p) > 1), "<s>", "</s>"]
        vocabulary = Vocabulary("bpe", BytePairs.pack(all_pieces, merges))
        twin = to_tokenizers(vocabulary, special_tokens=False)
        strings = ["".join(draw.choice(list("abc"), draw.integers(1, 30))) for _ in range(100)]
        for string, ids in zip(strings, Tokenizer(vocabulary).tokenize(strings).to_list(),
                               strict=True):  # fmt: skip
            assert ids == twin.encode(string).ids, (string, merges)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        ("pre_tokenizer", {"type": "Metaspace"}, "model.unk_token: "),
        ("pre_tokenizer", None, "pre_tokenizer: "),
        ("pre_tokenizer", {"type": "ByteLevel", "use_regex": False}, "pre_tokenizer: "),
        ("normalizer", {"type": "NFKC"}, "normalizer: NFKC"),
        ("added_tokens", [{"content": "좋다", "id": 421}], "added_tokens|model.vocab"),
        ("added_tokens", ["좋다"], "added_tokens: "),
    ],
)
def test_what_would_give_other_ids_is_refused(directory, tmp_path, part, value, words):
    twin = json.loads((directory / "tokenizer.json").read_text())
    (tmp_path / "tokenizer.json").write_text(json.dumps(twin | {part: value}))
    with pytest.raises(InputError, match=words):
        load_vocabulary(tmp_path)


def test_broken_files_are_refused(directory, tmp_path):
    save_vocabulary(load_vocabulary(directory), tmp_path)
    (tmp_path / "tokenizer.json").unlink()
    merges = tmp_path / "merges.txt"
    whole = merges.read_text()
    for text, words in (
        (f"{whole}a b c\n", "merges.txt, line [0-9]+: "),
        (f"{whole}zz zz\n", "merge [0-9]+: 'zz'"),
    ):
        merges.write_text(text)
        with pytest.raises(InputError, match=words):
            load_vocabulary(tmp_path)
    merges.unlink()
    with pytest.raises(InputError, match="merges.txt"):
        load_vocabulary(tmp_path)
    merges.write_text(whole)
    vocab = json.loads((tmp_path / "vocab.json").read_text())
    (tmp_path / "vocab.json").write_text(json.dumps({p: i for p, i in vocab.items() if p != "A"}))
    with pytest.raises(InputError, match="vocab.json: "):
        load_vocabulary(tmp_path)


def test_added_tokens_are_cut_out(directory, tmp_path):
    twin = json.loads((directory / "tokenizer.json").read_text())
    size = len(twin["model"]["vocab"])
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized", "special"), False)
    twin["added_tokens"].append({"content": "국민청원", "id": size, **flags})
    (tmp_path / "tokenizer.json").write_text(json.dumps(twin))
    tokenizer = Tokenizer(load_vocabulary(tmp_path))
    theirs = tokenizers.Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    strings = ["국민청원이", "이 국민청원 국민청원", "국민 청원"]
    ids, starts, ends = tokenizer.tokenize_with_offsets(strings)
    assert tokenizer.tokenize(strings).to_list() == ids.to_list()
    for i, string in enumerate(strings):
        found = theirs.encode(string, add_special_tokens=False)
        assert ids.to_list()[i] == found.ids
        places = zip(starts.to_list()[i], ends.to_list()[i], ids.to_list()[i], strict=True)
        assert all(string[a:b] == "국민청원" for a, b, token in places if token == size)
    assert size not in tokenizer.vocabulary.special_ids
    assert tokenizer.decode(ids.to_list()[0]).replace(" ", "") == strings[0]
