"""Cutting files into blocks at document boundaries."""

import io

import pytest

from kortf.data.corpus import blocks
from kortf.data.corpus.blocks import Block, find_blocks, iter_blocks
from kortf.data.corpus.recognition import reader_class
from kortf.errors import InputError

ARTICLE = b'<doc id="1">\na\n\nb\n</doc>\n'


def boundary(format_name):
    return reader_class(format_name).boundary


def cut(data, format_name, target):
    return list(iter_blocks(io.BytesIO(data), boundary(format_name), "a.txt", target))


def test_docstring_example():
    assert cut(b"ab\n\ncd\nef\n\ng", "text", 2) == [
        (0, b"ab\n\n"),
        (4, b"cd\nef\n\n"),
        (11, b"g"),
    ]


def test_each_format_has_its_boundary():
    assert [data for _, data in cut(ARTICLE * 3, "wiki", 4)] == [ARTICLE] * 3
    assert [data for _, data in cut(b"a\nb\n", "lines", 1)] == [b"a\n", b"b\n"]


@pytest.mark.parametrize("target", [1, 7, 100, 1000, 10**6])
@pytest.mark.parametrize("format_name", ["text", "lines", "wiki"])
def test_found_blocks_are_those_of_the_stream(tmp_path, monkeypatch, format_name, target):
    monkeypatch.setattr(blocks, "_STEP", 5)  # so that boundaries lie across reads
    path = tmp_path / "a.txt"
    data = b"ab\ncd\n \t\r\nef\n\n\ngh\n" * 20 + ARTICLE * 5 + b"no end"
    path.write_bytes(data)
    found = find_blocks(str(path), boundary(format_name), target)
    streamed = cut(data, format_name, target)
    assert found == [Block(start, start + len(part)) for start, part in streamed]
    assert b"".join(part for _, part in streamed) == data


def test_an_endless_document_is_cut_at_a_line(monkeypatch):
    monkeypatch.setattr(blocks, "DOCUMENT_BYTES", 10)
    monkeypatch.setattr(blocks, "_STEP", 4)
    parts = [data for _, data in cut(b"abcd\n" * 10, "text", 8)]
    assert b"".join(parts) == b"abcd\n" * 10
    assert len(parts) > 1
    assert all(part.endswith(b"\n") for part in parts)


def test_an_endless_line_is_refused(monkeypatch):
    monkeypatch.setattr(blocks, "DOCUMENT_BYTES", 10)
    monkeypatch.setattr(blocks, "LINE_BYTES", 20)
    monkeypatch.setattr(blocks, "_STEP", 4)
    with pytest.raises(InputError, match="a.txt, byte 0: no line end within"):
        cut(b"x" * 100, "lines", 8)
