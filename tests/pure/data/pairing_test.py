"""Records of two segments."""

import random

import numpy as np
import pytest

from kortf.data.records.cutting import Cutter
from kortf.data.records.pairing import Pairer
from kortf.data.records.token_block import TokenBlock
from kortf.text.vocabulary.pair_layout import BERT, ROBERTA

CLS, SEP = 2, 3
WORDS = 100_000


def block_of(documents):
    sentences = [sentence for document in documents for sentence in document]
    return TokenBlock(
        np.array([token for sentence in sentences for token in sentence], dtype=np.int32),
        np.cumsum([0, *map(len, sentences)]),
        np.cumsum([0, *map(len, documents)]),
    )


def pairer_of(pairing, seq_length, layout=BERT):
    every = np.ones(WORDS, dtype=bool)
    return Pairer(pairing, seq_length, CLS, SEP, Cutter(every, ~every), layout)


def numbered(counts, rng, longest=12):
    """Documents whose tokens count up, each from its own thousand, so that a token has a place."""
    documents = []
    for index, count in enumerate(counts):
        token, document = 1000 * (index + 1), []
        for _ in range(count):
            size = rng.randint(1, longest)
            document.append(list(range(token, token + size)))
            token += size
        documents.append(document)
    return documents


def segments(record, layout=BERT):
    ids = record.token_ids.tolist()
    if layout == ROBERTA:
        assert record.lengths == [len(ids)] and ids.count(SEP) == 3
        first = ids.index(SEP) + 1
        assert ids[0] == CLS and ids[first] == SEP and ids[-1] == SEP
        return ids[1 : first - 1], ids[first + 1 : -1]
    first, second = record.lengths
    assert len(ids) == first + second
    assert ids[0] == CLS and ids[first - 1] == SEP and ids[-1] == SEP
    return ids[1 : first - 1], ids[first:-1]


@pytest.mark.parametrize("seed", range(4))
def test_docstring_example(seed):
    records, single = pairer_of("sentence_order", 16).make(
        block_of([[[11, 12], [13]]]), random.Random(seed)
    )
    assert single == 0
    found = [(r.token_ids.tolist(), r.lengths, r.pair_label) for r in records]
    assert found in (
        [([2, 11, 12, 3, 13, 3], [4, 2], 0)],
        [([2, 13, 3, 11, 12, 3], [3, 3], 1)],
    )


def test_example_in_the_layout_of_roberta():
    made = pairer_of("sentence_order", 16, ROBERTA)
    ((ids, lengths, label),), _ = made.make(block_of([[[11, 12], [13]]]), random.Random(0))
    a, b = ([13], [11, 12]) if label else ([11, 12], [13])
    assert ids.tolist() == [CLS, *a, SEP, SEP, *b, SEP] and lengths == [7]


@pytest.mark.parametrize("layout", [BERT, ROBERTA])
@pytest.mark.parametrize("pairing", ["next_sentence", "sentence_order"])
@pytest.mark.parametrize("seq_length", [8, 32, 128])
def test_pairs_are_what_their_label_says(pairing, seq_length, layout):
    rng = random.Random(0)
    documents = numbered([rng.randint(2, 40) for _ in range(90)], rng)
    records, _ = pairer_of(pairing, seq_length, layout).make(block_of(documents), rng)
    labels = [record.pair_label for record in records]
    assert 0.4 < np.mean(labels) < 0.6
    for record in records:
        assert len(record.token_ids) <= seq_length
        a, b = segments(record, layout)
        for segment in (a, b):
            assert segment == list(range(segment[0], segment[0] + len(segment)))
        if record.pair_label == 0:
            assert b[0] == a[-1] + 1
        elif pairing == "sentence_order":
            assert a[0] == b[-1] + 1
        else:
            assert a[0] // 1000 != b[0] // 1000


def test_sentence_order_uses_every_sentence_once():
    rng = random.Random(3)
    documents = numbered([rng.randint(2, 30) for _ in range(50)], rng)
    records, _ = pairer_of("sentence_order", 64).make(block_of(documents), rng)
    used = sorted(token for r in records for segment in segments(r) for token in segment)
    assert used == sorted(t for document in documents for sentence in document for t in sentence)


def test_documents_of_one_sentence_are_left_out_and_counted():
    documents = [[[10, 11]], [[20], [21]], [[30]], []]
    for pairing in ("next_sentence", "sentence_order"):
        records, single = pairer_of(pairing, 16).make(block_of(documents), random.Random(0))
        assert single == 2
        assert {t for r in records for s in segments(r) for t in s} == {20, 21}


def test_one_document_alone_has_no_random_next_sentence():
    documents = [[[n] for n in range(100, 160)]]
    records, _ = pairer_of("next_sentence", 16).make(block_of(documents), random.Random(0))
    assert {record.pair_label for record in records} == {0}


def test_a_sentence_longer_than_a_record_is_cut():
    records, single = pairer_of("sentence_order", 16).make(
        block_of([[list(range(100, 150))]]), random.Random(0)
    )
    assert single == 0
    used = sorted(t for r in records for s in segments(r) for t in s)
    assert used == list(range(100, 148))  # nine parts of 6 or 2 tokens: the last has no other


def test_most_records_are_long_and_some_short():
    rng = random.Random(5)
    documents = numbered([200] * 20, rng, longest=4)
    records, _ = pairer_of("sentence_order", 128).make(block_of(documents), rng)
    sizes = np.array([len(record.token_ids) for record in records])
    assert np.median(sizes) > 120
    assert 0.02 < np.mean(sizes < 100) < 0.25
