"""Reading raw text: formats, compression, and what is said about input that cannot be read."""

import bz2
import gzip
import json
import lzma

import pytest
import zstandard

from kortf.data.corpus.corpus import Document, read_documents
from kortf.data.formats import formats
from kortf.errors import InputError

TEXT = "봄이 왔다.\n 꽃이 핀다. \r\n\n \n겨울이다.\n"
DOCUMENTS = [["봄이 왔다.", "꽃이 핀다."], ["겨울이다."]]


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


def read(path, **arguments):
    return [document.sentences for document in read_documents([str(path)], **arguments)]


def refusal(path, **arguments):
    with pytest.raises(InputError) as caught:
        read(path, **arguments)
    return str(caught.value)


def test_docstring_example(tmp_path):
    path = write(tmp_path / "a.txt", "봄이 왔다.\n꽃이 핀다.\n\n겨울이다.\n")
    documents = list(read_documents([path]))
    assert documents == [Document(["봄이 왔다.", "꽃이 핀다."]), Document(["겨울이다."])]


def test_files_follow_each_other_in_order(tmp_path):
    first = write(tmp_path / "b.txt", "나\n\n다\n")
    second = write(tmp_path / "a.txt", "가\n")
    documents = read_documents([first, second], format="text")
    assert [d.sentences for d in documents] == [["나"], ["다"], ["가"]]


def test_text_without_a_blank_line_is_lines(tmp_path):
    reviews = write(tmp_path / "reviews.txt", "재밌다\n별로\n\n")
    assert read(reviews) == [["재밌다"], ["별로"]]
    assert read(reviews, format="text") == [["재밌다", "별로"]]


def test_byte_order_mark_is_no_text(tmp_path):
    assert read(write(tmp_path / "a.txt", b"\xef\xbb\xbf" + TEXT.encode())) == DOCUMENTS


@pytest.mark.parametrize("line_end", ["\u2028", "\x0b", "\x85"])
def test_only_line_feeds_end_a_line(tmp_path, line_end):
    text = f"앞{line_end}뒤"
    assert read(write(tmp_path / "a.txt", f"{text}\n\n끝\n")) == [[text], ["끝"]]


@pytest.mark.parametrize(
    "compress",
    [gzip.compress, lzma.compress, bz2.compress, zstandard.ZstdCompressor().compress],
    ids=["gzip", "xz", "bzip2", "zstandard"],
)
def test_compressed_files(tmp_path, compress):
    packed = compress(TEXT.encode())
    assert read(write(tmp_path / "a.packed", packed)) == DOCUMENTS
    # Two files one after the other are a compressed file too.
    twice = write(tmp_path / "b.packed", packed + compress("\n봄\n".encode()))
    assert read(twice) == [*DOCUMENTS, ["봄"]]
    message = refusal(write(tmp_path / "cut.packed", packed[:-6]))
    assert "cut.packed: cannot be unpacked" in message


def test_wiki(tmp_path):
    path = write(
        tmp_path / "wiki_00",
        '<doc id="1" url="https://w?curid=1" title="A &amp; B">\nA & B\n\n'
        "본문 &lt;하나&gt;.\n생애.\n\n</doc>\n"
        '<doc id="2" url="https://w?curid=2" title="넘겨주기">\n넘겨주기\n\n\n\n</doc>\n'
        '<doc id="3" url="https://w?curid=3" title="다">\n다\n\n'
        "다(, 1924년)는 뱀기()와 f()이다.\n</doc>\n",
    )
    assert read(path) == [["본문 <하나>.", "생애."], ["다(1924년)는 뱀기와 f()이다."]]


def test_wiki_json(tmp_path):
    rows = [
        {"id": "1", "url": "u", "title": "서울", "text": "서울\n\n수도이다.\n"},
        {"id": "2", "url": "u", "title": "빈 글", "text": ""},
    ]
    path = write(tmp_path / "wiki_00", "".join(json.dumps(row) + "\n" for row in rows))
    assert read(path) == [["수도이다."]]


def test_jsonl(tmp_path):
    path = write(
        tmp_path / "a.jsonl",
        '{"text": "가\\n\\n나", "title": "제목"}\n\n{"text": null, "title": ""}\n'
        '{"text": "\\ud83d!", "title": "x"}\n',
    )
    assert read(path) == [["가", "나"], ["\ufffd!"]]
    assert read(path, text_fields=["title", "text"]) == [["제목", "가", "나"], ["x", "\ufffd!"]]


def test_tsv(tmp_path):
    path = write(
        tmp_path / "a.txt", 'id\tdocument\tlabel\r\n7\t"재밌다\t1\r\n8\t \t0\r\n9\t별로\t0\r\n'
    )
    assert read(path, text_fields=["document"]) == [['"재밌다'], ["별로"]]
    assert read(path, format="tsv", text_fields=["label", "id"])[0] == ["1", "7"]


def test_long_input_is_read_in_blocks(tmp_path, monkeypatch):
    monkeypatch.setattr("kortf.data.corpus.blocks.BLOCK_BYTES", 1 << 12)
    lines = [f"문장 {number}" for number in range(40_000)]
    path = write(tmp_path / "a.txt", "\n".join(lines))
    assert [document[0] for document in read(path)] == lines


@pytest.mark.parametrize(
    ("content", "arguments", "words"),
    [
        (b"", {}, ["bad.txt", "is empty"]),
        (b" \n\n", {}, ["is empty"]),
        (gzip.compress(b"", mtime=0), {}, ["is empty"]),
        ("가\n나\n".encode() + b"\xb0\xa1", {}, ["bad.txt, byte 8", "not UTF-8 (0xb0)"]),
        ("가".encode("utf-16"), {}, ["byte 0", "UTF-16"]),
        (b"a\n", {"format": "xml"}, ["--format=xml", "unknown format", "wiki"]),
        (b"plain\n", {"format": "wiki"}, ["bad.txt", "no <doc> block"]),
        (b'{"text": "a"}\n{"text": \n', {}, ["bad.txt, line 2", "not JSON"]),
        (b'{"text": "a"}\n[1]\n', {}, ["line 2", "not an object"]),
        (b'{"body": "a"}\n', {}, ["line 1", "no field 'text' (it has body)", "--text_fields"]),
        (b'{"text": 3}\n', {}, ["line 1", "'text' holds a int"]),
        (b'[{"text": "a"}]\n', {}, ["one object a line"]),
        (b"a\tb\n1\t2\n3\t4\n5\t6\n", {}, ["table of 2 columns", "--format=tsv"]),
        (b"a\tb\n1\t2\n", {"format": "tsv"}, ["line 1", "a, b", "--text_fields"]),
        (b"a\tb\n1\t2\n", {"text_fields": ["c"], "format": "tsv"}, ["no column 'c'", "a, b"]),
        (
            b"a\tb\n1\t2\n3\n",
            {"text_fields": ["a"], "format": "tsv"},
            ["line 3", "1 fields where the header has 2"],
        ),
    ],
)
def test_bad_input_names_the_place(tmp_path, content, arguments, words):
    message = refusal(write(tmp_path / "bad.txt", content), **arguments)
    assert all(word in message for word in words), message


def test_missing_file_and_directory(tmp_path):
    assert "no such file" in refusal(tmp_path / "none.txt")
    assert "is a directory" in refusal(tmp_path)


def test_csv_is_refused(tmp_path):
    assert "csv is not read" in refusal(write(tmp_path / "a.csv", "a,b\n1,2\n"))


def test_place_of_an_error_far_into_a_file(tmp_path, monkeypatch):
    monkeypatch.setattr("kortf.data.corpus.blocks.BLOCK_BYTES", 1 << 12)
    good = b'{"text": "\xea\xb0\x80"}\n'
    far = good * 20_000
    assert "line 20001:" in refusal(write(tmp_path / "a.jsonl", far + b"{\n"))
    message = refusal(write(tmp_path / "b.jsonl.gz", gzip.compress(far + b"{\n" + good)))
    assert "line 20001:" in message
    message = refusal(write(tmp_path / "b.jsonl", far + b"\xff\n"))
    assert f"byte {len(far)}:" in message


def test_lines_are_counted_only_for_an_error():
    """To count them a file is read from its start: done for each row, that took hours."""

    def place(line):
        raise AssertionError("asked for the place of a good row")

    assert list(formats.jsonl_parser(["text"])('{"text": "가"}\n', place)) == [["가"]]
    row = '{"title": "가", "text": "나", "url": ""}\n'
    assert list(formats.parse_wiki_json(row, place)) == [["나"]]
