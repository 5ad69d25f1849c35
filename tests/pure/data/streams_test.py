"""Which shards are read side by side, and by whom."""

import pytest

from kortf.data.streams import Part, own_streams, stream_count
from kortf.errors import InputError


def test_a_part_is_the_docstrings():
    assert Part(1, 4).of(8) == slice(2, 4)
    assert Part().of(8) == slice(0, 8)


def test_streams_divide_shards_and_batch():
    assert [stream_count([100] * 16, 32), stream_count([100] * 16, 24)] == [16, 8]
    assert stream_count([100] * 15, 32) == 1


def test_no_stream_is_nearly_empty():
    assert stream_count([3, 0], 8) == 1
    assert stream_count([0, 9, 9, 0], 8) == 2  # 0 and 2, 1 and 3: nine each
    assert stream_count([10, 9, 2, 10], 8) == 2


def test_workers_that_fit_are_let_in():
    for workers in (1, 2, 4, 8, 16):
        read = [own_streams([100] * 16, 32, Part(i, workers), "records") for i in range(workers)]
        assert {count for count, _ in read} == {16}
        assert sorted(stream for _, own in read for stream in own) == list(range(16))


def test_too_few_shards_are_named_with_a_number_that_does():
    with pytest.raises(InputError, match=r"--shards=6 "):
        own_streams([100] * 4, 12, Part(0, 3), "records")
    own_streams([100] * 6, 12, Part(0, 3), "records")


def test_shards_too_uneven_are_named():
    with pytest.raises(InputError, match="records: its 9 records are too uneven"):
        own_streams([9, 0], 8, Part(0, 2), "records")
