"""Lines of text out of blocks of bytes."""

import pytest

from kortf.errors import InputError
from kortf.export.lines import windows


def test_example():
    assert list(windows([b"a\nb", b"c\r\n\nd"], "file")) == [["a"], ["bc", ""], ["d"]]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
def test_blocks_make_no_difference(size):
    data = "\ufeff첫 줄\n\n둘째\r\n끝".encode()
    chunks = [data[i : i + size] for i in range(0, len(data), size)]
    assert [line for lines in windows(chunks, "file") for line in lines] == [
        "첫 줄",
        "",
        "둘째",
        "끝",
    ]


def test_faults_are_named():
    with pytest.raises(InputError, match="f.txt, line 3, byte 1: not UTF-8"):
        list(windows([b"a\nb\n", b"a\xff\n"], "f.txt"))
    with pytest.raises(InputError, match="f.txt: empty"):
        list(windows([], "f.txt"))
