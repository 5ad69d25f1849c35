"""Reading raw text: formats, compression, and what is said about input that cannot be read."""

import bz2
import gzip
import html
import io
import json
import lzma

import pytest
import zstandard

from kortf.data.corpus.compression import open_bytes
from kortf.data.corpus.corpus import Document, read_documents, read_files
from kortf.data.corpus.encoding import Transcoded
from kortf.data.corpus.recognition import reader_class
from kortf.data.corpus.text_file import TextFile
from kortf.data.formats.jsonl import JsonLinesReader
from kortf.data.formats.wiki_json import WikiJsonReader
from kortf.data.reader import BadRows
from kortf.errors import InputError
from tests.harness.growth import is_quadratic

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
        (b"a\n", {"format": "zip"}, ["bad.txt", "not zip archive"]),
        (b"plain\n", {"format": "wiki"}, ["bad.txt", "no <doc> block"]),
        (b'{"text": "a"}\n{"text": \n', {}, ["bad.txt, line 2", "not JSON"]),
        (b'{"text": "a"}\n[1]\n', {}, ["line 2", "not an object"]),
        (b'{"body": "a"}\n', {}, ["line 1", "no field 'text' (it has body)", "--text_fields"]),
        (b'{"text": 3}\n', {}, ["line 1", "'text' holds a int"]),
        (b'{"text": 1' + b"0" * 5000 + b"}\n", {}, ["line 1", "digits"]),
        (b'{"text": ' + b"[" * 5000 + b"]" * 5000 + b"}\n", {}, ["line 1", "nested too deep"]),
        (b'[{"text": "a"}, {"text"', {}, ["bad.txt, byte 23", "ends inside"]),
        (b"a\tb\n1\t2\n", {"format": "no.such_module"}, ["--format=no.such_module"]),
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

    assert list(JsonLinesReader(("text",)).parse('{"text": "가"}\n', place, BadRows())) == [["가"]]
    row = '{"title": "가", "text": "나", "url": ""}\n'
    assert list(WikiJsonReader().parse(row, place, BadRows())) == [["나"]]


SENTENCE = "대한민국의 봄이 왔다. 꽃이 피고 새가 운다. "


@pytest.mark.parametrize(
    ("content", "encoding", "place", "problem"),
    [
        ("\ufeff봄\n".encode("utf-16-le"), "utf-16", "byte 0", "UTF-16"),
        (SENTENCE.encode("utf-16-le"), "utf-16-le", "byte 0", "UTF-16-LE"),
        (SENTENCE.encode("utf-16-be"), "utf-16-be", "byte 0", "UTF-16-BE"),
        (SENTENCE.encode("cp949"), "cp949", "byte 0", "looks like CP949"),
    ],
)
def test_the_cure_for_another_encoding_works(tmp_path, content, encoding, place, problem):
    path = write(tmp_path / "a.txt", content)
    message = refusal(path)
    assert f"a.txt, {place}: " in message and problem in message
    assert f"--encoding={encoding}" in message
    expected = content.decode(encoding).removeprefix("\ufeff").strip()
    assert read(path, encoding=encoding) == read(path, encoding="auto") == [[expected]]


def cesu8(text):
    units = text.encode("utf-16-le")
    pairs = (units[i : i + 2] for i in range(0, len(units), 2))
    return b"".join(
        p.decode("utf-16-le", "surrogatepass").encode("utf-8", "surrogatepass") for p in pairs
    )


@pytest.mark.parametrize("lead", [0, 65530, 65531, 65532, 65533, 65534, 65535])
def test_cesu8_is_read_when_named(tmp_path, lead):
    text = "x" * lead + "힣\U0001f600\U0010ffff끝"
    path = write(tmp_path / "a.txt", cesu8(text))
    assert "CESU-8" in refusal(path)
    assert read(path, encoding="cesu-8") == read(path, encoding="auto") == [[text]]


def test_a_broken_character_is_not_taken_for_another_encoding(tmp_path):
    good = (SENTENCE + "\n").encode()
    path = write(tmp_path / "a.txt", good + "깨진 ".encode() + b"\xec\x95 \n" + good)
    message = refusal(path)
    assert f"a.txt, byte {len(good) + 7}: " in message and "broken character" in message
    assert "CP949" not in message
    cut = write(tmp_path / "b.txt", good[:-3] + "끝".encode()[:2])
    assert "ends inside a character" in refusal(cut)


def test_bad_rows_are_skipped_and_counted_when_asked(tmp_path):
    rows = [
        b'{"text": "\xea\xb0\x80"}',
        b'{"text": "\xff"}',
        b"{",
        b'{"body": ""}',
        b'{"text": "b"}',
    ]
    path = write(tmp_path / "a.jsonl", b"\n".join(rows))
    bad_rows = BadRows()
    files = [TextFile.detect(path, skip_bad_rows=True)]
    assert [d.sentences for d in read_files(files, bad_rows)] == [["가"], ["b"]]
    assert bad_rows.count == 3
    assert ["line 3" in bad_rows.samples[1], "line 4" in bad_rows.samples[2]] == [True, True]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"7z\xbc\xaf\x27\x1c" + bytes(100), "7z"),
        (gzip.compress(gzip.compress(TEXT.encode())), "compressed twice"),
        (lzma.compress(TEXT.encode(), lzma.FORMAT_ALONE), "LZMA"),
        (b"%PDF-1.7\n\x00\xff", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "HWP"),
        (bytes(range(256)) * 8, "binary"),
    ],
    ids=["7z", "gzip", "lzma", "pdf", "hwp", "binary"],  # the content of gzip holds the time
)
def test_what_is_no_text_is_named(tmp_path, content, kind):
    message = refusal(write(tmp_path / "a.bin", content))
    assert kind in message and "CP949" not in message


@pytest.mark.parametrize("blank", [b" ", b"\n", b" \n\t\r\n"])
@pytest.mark.parametrize("body", [TEXT.encode(), b'{"text": "\xea\xb0\x80"}\n'])
def test_megabytes_of_white_space_before_the_text(tmp_path, blank, body):
    alone = read(write(tmp_path / "a.txt", body))
    filled = read(write(tmp_path / "b.txt", blank * (3_000_000 // len(blank)) + body))
    assert filled == alone and alone


def test_blank_lines_before_the_header_of_a_table(tmp_path):
    path = write(tmp_path / "a.tsv", "\n\nid\ttext\n1\t가\n2\n")
    assert "line 5:" in refusal(path, text_fields=["text"])
    path = write(tmp_path / "b.tsv", "\n\nid\ttext\n1\t가\n")
    assert read(path, text_fields=["text"]) == [["가"]]


@pytest.mark.parametrize("escaped", ["A&amp;B", "&quot;가&quot;", "&lt;나&gt;"])
def test_wiki_titles_with_entities_are_left_out(tmp_path, escaped):
    plain = html.unescape(escaped)
    for line in (escaped, plain):
        path = write(tmp_path / "a", f'<doc id="1" title="{escaped}">\n{line}\n\n본문.\n</doc>\n')
        assert read(path) == [["본문."]]


def compressors():
    return {
        "xz": lzma.compress,
        "bzip2": bz2.compress,
        "gzip": gzip.compress,
        "zstandard": zstandard.ZstdCompressor().compress,
    }


@pytest.mark.parametrize("name", compressors())
def test_a_damaged_later_stream_is_refused(tmp_path, name):
    first, second = (compressors()[name](part.encode()) for part in ("봄\n\n", "여름\n"))
    assert read(write(tmp_path / "a", first + second)) == [["봄"], ["여름"]]
    for number, damage in enumerate((b"\x00" * 3 + b"x" + second[4:], b"trailing", second[:-3])):
        message = refusal(write(tmp_path / f"b{number}", first + damage))
        assert f"b{number}: cannot be unpacked" in message


def test_padding_and_skippable_frames(tmp_path):
    padded = lzma.compress(b"a\n\n") + bytes(8) + lzma.compress(b"b\n") + bytes(4)
    assert read(write(tmp_path / "a.xz", padded)) == [["a"], ["b"]]
    frame = zstandard.ZstdCompressor().compress
    skippable = b"\x5a\x2a\x4d\x18" + (5000).to_bytes(4, "little") + bytes(5000)
    data = skippable + frame(b"a\n\n") + skippable + frame(b"b\n") + skippable
    assert read(write(tmp_path / "a.zst", data)) == [["a"], ["b"]]
    assert "cannot be unpacked" in refusal(write(tmp_path / "b.zst", data[:-100]))


def test_a_bomb_is_unpacked_a_little_at_a_time(tmp_path):
    """Each block of four bytes unpacks to 128 KB: what one read holds stays bounded."""
    block = ((131072 << 3) | 2).to_bytes(3, "little") + b"a"
    path = write(tmp_path / "a.zst", b"\x28\xb5\x2f\xfd\x00\x58" + block * 20_000)
    with open_bytes(path) as stream:
        stream.read(1)
        assert len(stream._stream._unpacked) < 64 << 20


@pytest.mark.parametrize(
    ("format", "piece"),
    [
        ("wiki", "<doc "),
        ("wiki", '<doc title="'),
        ("wiki", "("),
        ("wiki", "(, "),
        ("text", "\r \n"),
    ],
)
def test_hostile_text_is_parsed_in_linear_time(format, piece):
    begin = '<doc id="1" title="a">\na\n'
    short, long = (begin + piece * count for count in (20_000, 160_000))

    def parse(text):
        list(reader_class(format)().parse(text, str, BadRows()))

    assert not is_quadratic(parse, short, long, least=24e-3)


@pytest.mark.parametrize("name", ["a.txt", "a.tsv", "a.jsonl"])
def test_line_ends_of_carriage_returns_alone_are_refused(tmp_path, name):
    lines = {"a.tsv": ["id\ttext", "1\t가", "2\t나"], "a.jsonl": ['{"text": "가"}'] * 3}
    text = "\r".join(lines.get(name, ["가", "나", "다"]))
    fields = {"text_fields": ["text"]} if name == "a.tsv" else {}
    assert "carriage returns" in refusal(write(tmp_path / name, text.encode()), **fields)
    read(write(tmp_path / name, text.replace("\r", "\r\r\n").encode()), **fields)


@pytest.mark.parametrize(
    "start", ["<!DOCTYPE html>", "\n <html lang='ko'>", "<?xml version='1.0'?>"]
)
def test_markup_is_not_taken_for_text(tmp_path, start):
    path = write(tmp_path / "page.txt", f"{start}\n<p>가나다</p>\n".encode())
    assert "HTML or XML" in refusal(path)
    assert read(path, format="text")


def test_a_carriage_return_inside_a_line_is_white_space(tmp_path):
    path = write(tmp_path / "a.txt", "가\r나\n다\r\n라\r".encode())
    assert read(path) == [["가\r나"], ["다"], ["라"]]


@pytest.mark.parametrize("content", [SENTENCE, "봄", ""])
@pytest.mark.parametrize("encoding", ["cp949", "utf-16", "cesu-8"])
def test_typed_text_is_decoded_as_it_comes(content, encoding):
    data = cesu8(content) if encoding == "cesu-8" else content.encode(encoding)
    pieces = [data[i : i + 3] for i in range(0, len(data), 3)]  # inside of characters, too
    stream = Slowly(pieces)
    found = []
    for chunk in Transcoded(stream, encoding, "standard input").chunks():
        found.append(chunk)
        assert chunk and len(stream.pieces) <= len(pieces) - len(found)  # nothing waits for more
    assert b"".join(found).decode() == content


class Slowly:
    """Terminal input: each read returns the bytes typed so far."""

    def __init__(self, pieces):
        self.pieces = list(pieces)

    def read(self, size):
        return self.pieces.pop(0) if self.pieces else b""


def test_a_byte_that_cannot_be_decoded_is_named():
    sentence = SENTENCE.encode("cp949")
    data = sentence * 4000  # several reads
    for start in (2, 2000 * len(sentence)):
        stream = io.BytesIO(data[:start] + b"\xff\xff" + data[start:])
        with pytest.raises(InputError) as caught:
            Transcoded(stream, "cp949", "a.txt").read()
        assert caught.value.parts[0] == f"a.txt, byte {start}"
        assert caught.value.parts[1] == "not CP949"


@pytest.mark.parametrize("encoding", ["utf-32", "iso2022_kr"])
@pytest.mark.parametrize("named", ["utf-8", "auto", "cp949"])
def test_encodings_that_are_not_supported_are_named(tmp_path, encoding, named):
    path = write(tmp_path / "a.txt", (TEXT * 3).encode(encoding))
    assert encoding.upper().replace("2022_", "-2022-") in refusal(path, encoding=named)


def test_johab_is_told_from_cp949(tmp_path):
    text = "봄이 왔다. 꽃이 핀다. 새가 운다!"
    path = write(tmp_path / "a.txt", text.encode("johab"))
    assert "--encoding=johab" in refusal(path)
    assert read(path, encoding="auto") == read(path, encoding="johab") == [[text]]
    path = write(tmp_path / "a.txt", text.encode("cp949"))
    assert read(path, encoding="auto") == [[text]]


@pytest.mark.parametrize("encoding", ["cp949", "euc-kr", "johab", "utf-16", "utf-16-le"])
def test_utf8_is_not_read_as_another_encoding(tmp_path, encoding):
    path = write(tmp_path / "a.txt", "가나다라\n".encode())  # as CP949 it is mojibake, no error
    assert "UTF-8, not" in refusal(path, encoding=encoding)


@pytest.mark.parametrize(
    ("attribute", "line"),
    [
        ("A&amp;B", "A&amp;B"), ("A&amp;B", "A&B"), ("A &quot;B&quot;", 'A "B"'),
        ('A "B"', 'A "B"'), ('"B"', '"B"'), ("A > B", "A > B"), ("A B", "A\u00a0B"),
        ("\u1100\u1161", "가"), ("", ""),
    ],
)  # fmt: skip
def test_title_lines_of_wiki_articles(tmp_path, attribute, line):
    block = f'<doc id="1" url="" title="{attribute}">\n{line}\n\n본문.\n'
    assert read(write(tmp_path / "a", (block + "</doc>\n").encode())) == [["본문."]]
    two = block + '<doc id="2" title="둘">\n둘\n\n글.\n</doc>\n'
    assert read(write(tmp_path / "a", two.encode())) == [["본문."], ["글."]]


@pytest.mark.parametrize(
    "name, content",
    [
        ("a.jsonl", b'{"text": "\\ud83d x"}\n{"text": "y"}\n'),
        ("a.json", b'[{"text": "\\ud83d x"}, {"text": "y"}]'),
        ("wiki", b'{"url": "", "title": "a", "text": "\\ud83d x"}\n'
                 b'{"url": "", "title": "b", "text": "y"}\n'),
        ("modu.json", b'{"document": [{"paragraph": [{"form": "\\ud83d x"}]}, '
                      b'{"paragraph": [{"form": "y"}]}]}'),
    ],
)  # fmt: skip
def test_halves_of_surrogate_pairs_are_counted(tmp_path, name, content):
    path = write(tmp_path / name, content)
    bad_rows = BadRows()
    documents = list(read_files([TextFile.detect(str(path))], bad_rows))
    assert [document.sentences for document in documents] == [["\ufffd x"], ["y"]]
    assert sum(bad_rows.left_out.values()) == 1
