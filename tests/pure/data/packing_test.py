"""Packing documents into records."""

import numpy as np
import pytest

from kortf.data.records.cutting import Cutter
from kortf.data.records.packing import Packer
from kortf.data.records.token_block import TokenBlock

CLS, SEP = 2, 3


def block_of(*documents):
    """A block of documents of one sentence each."""
    ids = np.array([token for document in documents for token in document], dtype=np.int32)
    splits = np.cumsum([0, *map(len, documents)])
    return TokenBlock(ids, splits, np.arange(len(documents) + 1))


def packer_of(seq_length):
    every = np.ones(10_000, dtype=bool)
    return Packer(seq_length, CLS, SEP, Cutter(every, ~every))


def pack(seq_length, block, seed=0):
    packer = packer_of(seq_length)
    return packer.add(block, np.random.default_rng(seed)) + packer.flush()


def chunks_of(record):
    ends = np.cumsum(record.lengths)
    return [
        record.token_ids[end - size : end].tolist()
        for end, size in zip(ends, record.lengths, strict=True)
    ]


def test_docstring_example():
    found = set()
    for seed in range(8):
        (record,) = packer_of(8).add(block_of([11, 12, 13], [14]), np.random.default_rng(seed))
        found.add((tuple(record.token_ids.tolist()), tuple(record.lengths)))
    assert found == {
        ((2, 11, 12, 13, 3, 2, 14, 3), (5, 3)),
        ((2, 14, 3, 2, 11, 12, 13, 3), (3, 5)),
    }


@pytest.mark.parametrize("seq_length", [8, 33, 512])
def test_every_token_is_in_one_record(seq_length):
    rng = np.random.default_rng(1)
    sizes = rng.integers(0, 100, 2000)
    ends = np.cumsum(sizes)
    documents = [list(range(10 + e - n, 10 + e)) for e, n in zip(ends, sizes, strict=True)]
    every = np.ones(10 + ends[-1], dtype=bool)
    packer = Packer(seq_length, CLS, SEP, Cutter(every, ~every))
    records = packer.add(block_of(*documents), rng) + packer.flush()
    tokens = []
    for record in records:
        assert len(record.token_ids) == sum(record.lengths) <= seq_length
        assert record.pair_label is None
        for chunk in chunks_of(record):
            assert chunk[0] == CLS and chunk[-1] == SEP
            assert chunk[1:-1] == list(range(chunk[1], chunk[1] + len(chunk) - 2))
            tokens += chunk[1:-1]
    assert sorted(tokens) == list(range(10, 10 + ends[-1]))


@pytest.mark.parametrize("longest", [40, 3000])
def test_hardly_any_padding(longest):
    rng = np.random.default_rng(2)
    documents = [[5] * n for n in rng.integers(1, longest, 400_000 // longest)]
    records = pack(128, block_of(*documents))
    padding = 1 - sum(len(r.token_ids) for r in records) / (128 * len(records))
    assert padding < 0.02


def test_order_is_drawn():
    block = block_of(*[[n] for n in range(10, 200)])
    first, again, other = pack(32, block), pack(32, block), pack(32, block, seed=1)
    assert [r.token_ids.tolist() for r in first] == [r.token_ids.tolist() for r in again]
    assert [r.token_ids.tolist() for r in first] != [r.token_ids.tolist() for r in other]
    assert first[0].token_ids.tolist()[1:8:3] != [10, 11, 12]


def test_flush_empties():
    packer = packer_of(16)
    packer.add(block_of([7]), np.random.default_rng(0))
    assert len(packer.flush()) == 1
    assert packer.flush() == []
