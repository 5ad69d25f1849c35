"""Segments are truncated as `tokenizers` does it, or the second one first."""

import itertools

import pytest
import tensorflow as tf
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from kortf.text.tokenizer.rows.segments import pack_segments
from kortf.text.vocabulary.pair_layout import ROBERTA, PairLayout

ROOM = range(5, 14)
LENGTHS = list(itertools.product(range(9), range(9)))


def ragged(lengths, value):
    return tf.ragged.constant([[value] * n for n in lengths], dtype=tf.int32)


def packed(max_length, truncation):
    parts = [ragged([pair[i] for pair in LENGTHS], 11 + i) for i in (0, 1)]
    ids, segments = pack_segments(parts, max_length, 2, 3, truncation)
    return ids.to_list(), segments.to_list()


def test_example():
    ids, segments = pack_segments([ragged([2], 11), ragged([4], 13)], 7, 2, 3)
    assert ids.to_list() == [[2, 11, 11, 3, 13, 13, 3]]
    assert segments.to_list() == [[0, 0, 0, 0, 1, 1, 1]]


@pytest.mark.parametrize("max_length", ROOM)
def test_longest_first_is_that_of_tokenizers(max_length):
    vocabulary = {"[CLS]": 2, "[SEP]": 3, "a": 11, "b": 12, "[UNK]": 0}
    oracle = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    oracle.pre_tokenizer = pre_tokenizers.Whitespace()
    oracle.post_processor = processors.TemplateProcessing(
        pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    oracle.enable_truncation(max_length, strategy="longest_first")
    ids, segments = packed(max_length, "longest_first")
    for (first, second), row, kinds in zip(LENGTHS, ids, segments, strict=True):
        expected = oracle.encode("a " * first, "b " * second)
        assert (row, kinds) == (expected.ids, expected.type_ids)


@pytest.mark.parametrize("max_length", ROOM)
def test_second_first_leaves_one_piece_of_the_second(max_length):
    room = max_length - 3
    for (first, second), row in zip(LENGTHS, packed(max_length, "second_first")[0], strict=True):
        kept = min(first, room - 1)
        assert (row.count(11), row.count(12)) == (kept, min(second, room - kept))


def test_what_cannot_be_is_refused():
    parts = [ragged([2], 11), ragged([4], 13)]
    for arguments, place in (((4, 2, 3), "max_length=4"), ((9, 2, 3, "first"), "truncation=")):
        with pytest.raises(ValueError, match=place):
            pack_segments(parts, *arguments)
    with pytest.raises(ValueError, match="max_length=2"):
        pack_segments(parts[:1], 2, 2, 3)


@pytest.mark.parametrize("layout", [ROBERTA, PairLayout(1, 0), PairLayout(2, 1)])
@pytest.mark.parametrize("max_length", [6, 9, 12])
def test_other_layouts_are_those_of_tokenizers(max_length, layout):
    vocabulary = {"<s>": 2, "</s>": 3, "a": 11, "b": 12, "<unk>": 0}
    oracle = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    oracle.pre_tokenizer = pre_tokenizers.Whitespace()
    between, segment = " </s>" * layout.separators, layout.segment
    oracle.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair=f"<s> $A{between} $B:{segment} </s>:{segment}",
        special_tokens=[("<s>", 2), ("</s>", 3)],
    )
    oracle.enable_truncation(max_length, strategy="longest_first")
    parts = [ragged([pair[i] for pair in LENGTHS], 11 + i) for i in (0, 1)]
    ids, segments = pack_segments(parts, max_length, 2, 3, layout=layout)
    for (first, second), *row in zip(LENGTHS, ids.to_list(), segments.to_list(), strict=True):
        expected = oracle.encode("a " * first, "b " * second)
        assert row == [expected.ids, expected.type_ids]
    (single, _) = pack_segments(parts[:1], max_length, 2, 3, layout=layout)
    assert single.to_list() == [oracle.encode("a " * first).ids for first, _ in LENGTHS]


def test_two_separators_need_more_room():
    parts = [ragged([2], 11), ragged([4], 13)]
    with pytest.raises(ValueError, match="max_length=5"):
        pack_segments(parts, 5, 2, 3, layout=ROBERTA)
