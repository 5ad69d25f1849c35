"""Ids of many lines at a time are those of the graph."""

import unicodedata

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from kortf.text.tokenizer.lines import wordpiece_lines
from kortf.text.tokenizer.lines.line_tokenizer import line_tokenizer
from kortf.text.tokenizer.lines.wordpiece_lines import WordPieceLines
from kortf.text.tokenizer.tokenizer import Tokenizer
from kortf.text.vocabulary.vocabulary import Vocabulary
from tests.harness.text import trained
from tests.harness.text.korean import CORPUS, NASTY, random_strings

STRINGS = NASTY + random_strings(500)
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
# Jamo, zero-width, private use, NUL, white space, marks, capitals, Hanja, emoji, unassigned.
CHARS = (
    "".join(CORPUS)
    + "".join(NASTY)
    + "각ㅋㅎ\u200b\u200d\ufeff\ue000\0\x85\u3000\u0301ÀЯΣ漢😀\u0378\uffff"
)
LINES = st.lists(
    st.one_of(
        st.text(st.sampled_from(CHARS), max_size=30),
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
        st.sampled_from(CORPUS).map(lambda line: unicodedata.normalize("NFD", line)),
        st.tuples(st.sampled_from("aㅋ가각."), st.integers(95, 105)).map(lambda p: p[0] * p[1]),
    ),
    max_size=6,
)


def vocabularies():
    cased, lower = (trained.wordpiece(lowercase=case).vocabulary for case in (False, True))
    removing = {**lower.settings, "remove_characters": ["hanja", "emoji"]}
    short = {**lower.settings, "max_input_chars_per_word": 3}
    return {
        "cased": cased,
        "lowercase": lower,
        "removing": Vocabulary("wordpiece", lower.data, removing),
        "short words": Vocabulary("wordpiece", lower.data, short),
    }


@pytest.fixture(scope="module", params=["cased", "lowercase", "removing", "short words"])
def both(request):
    """The tokenizer of lines, and that in the graph."""
    vocabulary = vocabularies()[request.param]
    assert WordPieceLines.is_usable(vocabulary)
    graph = tf.function(Tokenizer(vocabulary).tokenize, [tf.TensorSpec([None], tf.string)])
    return WordPieceLines(vocabulary).tokenize, lambda lines: graph(tf.constant(lines, tf.string))


def check(both, lines):
    ours, graph = both
    ids, lengths = ours(lines)
    assert (ids.dtype, lengths.dtype) == (np.int32, np.int64)
    rows = [row.tolist() for row in np.split(ids, np.cumsum(lengths)[:-1])] if lines else []
    for line, row, expected in zip(lines, rows, graph(lines).to_list(), strict=True):
        assert row == expected, repr(line)


def test_lines_have_the_ids_of_the_graph(both):
    check(both, STRINGS)


@settings(max_examples=60, deadline=None)
@given(lines=LINES)
def test_any_lines_have_the_ids_of_the_graph(both, lines):
    check(both, lines)


def test_few_lines_have_the_ids_of_many(both, monkeypatch):
    ours, _ = both
    few = [ours([line])[0].tolist() for line in STRINGS]
    monkeypatch.setattr(wordpiece_lines, "_FEW_CHARS", -1)
    assert few == [ours([line])[0].tolist() for line in STRINGS]


def test_batches_change_nothing(both, monkeypatch):
    whole = both[0](STRINGS)
    monkeypatch.setattr(wordpiece_lines, "_BATCH_CHARS", 100)
    for one, other in zip(both[0](STRINGS), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_example_of_the_docstring():
    vocabulary = Vocabulary("wordpiece", "\n".join([*SPECIAL, "세종", "##대왕"]).encode())
    ids, lengths = WordPieceLines(vocabulary).tokenize(["세종대왕 세종", "세종"])
    assert (ids.tolist(), lengths.tolist()) == ([5, 6, 5, 5], [3, 1])


def test_pieces_that_reach_beyond_a_word_are_never_found():
    pieces = [*SPECIAL, "a", "##b", "##", "a b", "a.", "##.", ".", "\u3000", "ab"]
    vocabulary = Vocabulary("wordpiece", "\n".join(pieces).encode())
    lines = ["a b", "a.", "ab.b", "a\u3000b", "b##b", "."]
    expected = Tokenizer(vocabulary).tokenize(lines)
    ids, lengths = WordPieceLines(vocabulary).tokenize(lines)
    assert ids.tolist() == expected.flat_values.numpy().tolist()
    assert lengths.tolist() == expected.row_lengths().numpy().tolist()


@pytest.mark.parametrize("kind", ["added tokens", "jamo", "sentencepiece"])
def test_other_vocabularies_are_cut_in_the_graph(kind):
    pieces = "\n".join([*SPECIAL, "국", "##민", "가", "국민청원"]).encode()
    token = {"8": {"content": "국민청원", "special": False}}
    vocabulary = {
        "added tokens": lambda: Vocabulary("wordpiece", pieces, {"added_tokens_decoder": token}),
        "jamo": lambda: Vocabulary("wordpiece", pieces, {"do_lower_case": True}),
        "sentencepiece": lambda: trained.sentencepiece("unigram").vocabulary,
    }[kind]()
    assert not WordPieceLines.is_usable(vocabulary)
    ids, lengths = line_tokenizer(vocabulary)(STRINGS)
    expected = Tokenizer(vocabulary).tokenize(STRINGS)
    assert ids.tolist() == expected.flat_values.numpy().tolist()
    assert lengths.tolist() == expected.row_lengths().numpy().tolist()
