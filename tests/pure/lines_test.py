"""Lines of text out of blocks of bytes."""

import pytest

from kortf.errors import InputError
from kortf.lines import read_lines, windows


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
    with pytest.raises(InputError, match="f.txt: is empty"):
        list(windows([], "f.txt"))


def test_lines_of_a_file_name_their_place_and_a_bad_one_comes_as_an_error(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + "가\r\n".encode() + b"\xff\n" + "나".encode())
    first, bad, last = read_lines(str(path))
    assert (first, last) == ((f"{path}, line 1", "가"), (f"{path}, line 3", "나"))
    assert isinstance(bad[1], InputError) and bad[1].parts[0] == f"{path}, line 2, byte 0"


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused(tmp_path, data):
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(InputError, match="a.txt: the file is empty"):
        list(read_lines(str(tmp_path / "a.txt")))
