"""Every code point of Unicode, against `tokenizers`."""

import unicodedata

import pytest
import tensorflow as tf
from tokenizers import normalizers

from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.unicode import code_points, normalize, normalize_graph
from kortf.text.vocabulary.twin import to_tokenizers
from kortf.text.vocabulary.vocabulary import Vocabulary

CHARS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]
# A character that is part of a word makes "aca" [UNK], a word of its own a [UNK] a, white space
# a a, and one that is removed a ##a.
PIECES = b"[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##a\n"


def between(chars):
    return [f"a{c}a" for c in chars]


# Every character, or one in 61 with both ends of the range.
STEPS = [61, pytest.param(1, marks=pytest.mark.exhaustive)]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("lowercase", [False, True])
def test_code_points_split_words_as_in_tokenizers(lowercase, step):
    vocabulary = Vocabulary("wordpiece", PIECES, {"do_lower_case": lowercase})
    twin = to_tokenizers(vocabulary, special_tokens=False)
    tokenize = tf.function(Tokenizer(vocabulary).tokenize)
    chars = CHARS[::step]
    rows = [chars[start : start + 32] for start in range(0, len(chars), 32)]
    strings = [" ".join(between(row)) for row in rows]
    ours = tokenize(tf.constant(strings)).to_list()
    theirs = [encoding.ids for encoding in twin.encode_batch_fast(strings)]
    wrong = [hex(ord(row[0])) for row, o, t in zip(rows, ours, theirs, strict=True) if o != t]
    assert wrong == [], "between this code point and the 31 behind it"


@pytest.mark.parametrize("step", STEPS)
def test_code_points_are_normalised_as_in_tokenizers(step):
    bert = normalizers.BertNormalizer(
        clean_text=True, handle_chinese_chars=False, strip_accents=False, lowercase=True
    )
    theirs = normalizers.Sequence([normalizers.NFC(), bert])
    chars = CHARS[::step]
    strings = between(chars)
    graph = normalize_graph.normalize(
        tf.constant(strings), normalize.Normalization(lowercase=True)
    ).numpy()
    wrong = [
        hex(ord(char))
        for char, string, ours in zip(chars, strings, graph, strict=True)
        if not ours.decode() == theirs.normalize_str(string) == normalize.normalize(string, True)
    ]
    assert wrong == []


def test_usual_characters_need_no_normalisation_but_lower_casing():
    usual = tf.strings.regex_full_match(tf.constant(CHARS), normalize_graph.USUAL_TEXT).numpy()
    chars = [char for char, is_usual in zip(CHARS, usual, strict=True) if is_usual]
    assert len(chars) > 40_000
    assert {char for char in chars if normalize.normalize(char, lowercase=False) != char} == set()
    capitals = {c for c in chars if normalize.normalize(c, lowercase=True) != c}
    assert capitals == set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    joining = tf.strings.regex_full_match(tf.constant(chars), f"[{code_points.JOINING}]")
    assert [c for c, joins in zip(chars, joining.numpy(), strict=True) if joins] == ["\ufe0f"]


def test_marks_that_change_places_are_reordered():
    moving = [c for c in CHARS if unicodedata.combining(unicodedata.normalize("NFKD", c)[0])]
    found = tf.strings.regex_full_match(tf.constant(moving), f"[{code_points.REORDERED}]").numpy()
    assert [hex(ord(c)) for c, is_mark in zip(moving, found, strict=True) if not is_mark] == []


def test_single_characters_are_those_that_the_graph_splits_off():
    pattern = f"[{code_points.SINGLE}]"
    in_graph = tf.strings.regex_full_match(tf.constant(CHARS), pattern).numpy()
    young = code_points.is_split_only_by_tensorflow
    wrong = [
        hex(ord(char))
        for char, single in zip(CHARS, in_graph, strict=True)
        if normalize.is_single(char) != (single and not young(char))
    ]
    assert wrong == []
