"""Every reader against an independent reading of files in the published forms."""

import bz2
import csv
import gzip
import io
import json
import pathlib
import random
import tarfile
import zipfile

import pytest

from kortf.data.corpus.corpus import read_documents, read_files
from kortf.data.corpus.recognition import format_names, reader_class
from kortf.data.corpus.text_file import TextFile
from kortf.data.reader import BadRows, BlockReader, StreamReader
from kortf.errors import InputError

pyarrow = pytest.importorskip("pyarrow", reason="the `tables` extra is not installed")
openpyxl = pytest.importorskip("openpyxl", reason="the `tables` extra is not installed")

TEXTS = ["봄이 왔다.\n꽃이 핀다.", '  여름,\n\n"더위"  ', "가을\t하늘", "끝 ㅋㅋ \U0001f600"]
LINES = [[line.strip() for line in text.split("\n") if line.strip()] for text in TEXTS]


def read(path, **arguments):
    return [document.sentences for document in read_documents([str(path)], **arguments)]


def refusal(path, **arguments):
    with pytest.raises(InputError) as caught:
        read(path, **arguments)
    return str(caught.value)


def write_json(path, value, **options):
    path.write_text(json.dumps(value, ensure_ascii=False, **options), encoding="utf-8")
    return path


# -- the contract of all readers


def _text(path):
    path.write_text("\n\n".join("\n".join(lines) for lines in LINES), encoding="utf-8")


def _lines(path):
    path.write_text("".join(" ".join(lines) + "\n" for lines in LINES), encoding="utf-8")


def _wiki(path):
    body = "".join(
        f'<doc id="{i}" title="제목">\n제목\n\n' + "\n".join(lines) + "\n</doc>\n"
        for i, lines in enumerate(LINES)
    )
    path.write_text(body, encoding="utf-8")


def _rows(path, **more):
    rows = [json.dumps({"text": text, **more}, ensure_ascii=False) for text in TEXTS]
    path.write_text("\n".join(rows), encoding="utf-8")


def _petitions(path):
    known = {"petition_idx": "1", "num_agree": 3, "category": "육아", "status": "", "title": ""}
    rows = [json.dumps({**known, "content": text}) for text in TEXTS]
    path.write_text("\n".join(rows), encoding="utf-8")


def _tsv(path):
    rows = [f"{i}\t{' '.join(lines)}" for i, lines in enumerate(LINES)]
    path.write_text("\n".join(["id\ttext", *[r.replace("가을\t", "가을 ") for r in rows]]), "utf-8")


def _csv(path):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["id", "text"], *enumerate(TEXTS)])


def _namuwikitext(path):
    pages = (" = 제목 =\n\n" + "\n".join(f" {line}" for line in lines) + "\n\n" for lines in LINES)
    path.write_text("".join(pages), encoding="utf-8")


def _modu(path):
    paragraphs = [
        {"id": str(i), "metadata": {}, "paragraph": [{"id": "p", "form": text}]}
        for i, text in enumerate(TEXTS)
    ]
    write_json(path, {"id": "NIRW", "metadata": {"title": "t"}, "document": paragraphs})


def _mediawiki(path):
    pages = "".join(
        f"<page><title>제목</title><ns>0</ns><revision><text>{chr(10).join(lines)}</text>"
        "</revision></page>"
        for lines in LINES
    )
    path.write_text(f'<mediawiki xmlns="http://w/export-0.11/">{pages}</mediawiki>', "utf-8")


def _parquet(path):
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.table({"text": [*TEXTS, None, " "]}), path)


def _arrow(path):
    table = pyarrow.table({"text": [*TEXTS, None, " "]})
    with pyarrow.OSFile(str(path), "wb") as file, pyarrow.ipc.new_stream(file, table.schema) as out:
        out.write_table(table, 2)


def _xlsx(path):
    workbook = openpyxl.Workbook()
    for row in [["id", "text"], *enumerate(TEXTS), [9, None]]:
        workbook.active.append(list(row))
    workbook.save(path)


def _zip(path):
    with zipfile.ZipFile(path, "w") as archive:
        for i, text in enumerate(TEXTS):
            archive.writestr(f"{i}.json", json.dumps({"text": text}))
        archive.writestr("__MACOSX/._0.txt", b"\0\1\2")


def _tar(path):
    with tarfile.open(path, "w:gz") as archive:
        for i, text in enumerate(TEXTS):
            data = json.dumps({"text": text}).encode()
            info = tarfile.TarInfo(f"{i}.json")
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


# format -> (how to write the texts, name of the file, whether a line break ends a line)
WRITERS = {
    "text": (_text, "a.txt"),
    "lines": (_lines, "a.txt"),
    "wiki": (_wiki, "wiki_00"),
    "wiki_json": (lambda path: _rows(path, title="제목", url=""), "wiki_00"),
    "jsonl": (_rows, "a.jsonl"),
    "json": (lambda path: write_json(path, [{"text": text} for text in TEXTS]), "a.json"),
    "petitions": (_petitions, "petitions"),
    "tsv": (_tsv, "a.tsv"),
    "csv": (_csv, "a.csv"),
    "namuwikitext": (_namuwikitext, "namuwikitext.train"),
    "modu": (_modu, "NIRW.json"),
    "mediawiki": (_mediawiki, "kowiki.xml"),
    "parquet": (_parquet, "a.parquet"),
    "arrow": (_arrow, "data.arrow"),
    "xlsx": (_xlsx, "a.xlsx"),
    "zip": (_zip, "a.zip"),
    "tar": (_tar, "a.tar.gz"),
}
ONE_LINE = ("lines", "tsv")


def expected(name):
    if name in ONE_LINE:
        return [
            [" ".join(lines).replace("가을\t", "가을 " if name == "tsv" else "가을\t")]
            for lines in LINES
        ]
    return LINES


def test_every_reader_is_tested():
    assert set(format_names()) == set(WRITERS)


@pytest.mark.parametrize("name", format_names())
def test_a_reader_reads_what_was_written(tmp_path, name):
    writer, file_name = WRITERS[name]
    path = tmp_path / file_name
    writer(path)
    fields = ["text"] if name == "tsv" else None
    file = TextFile.detect(str(path), text_fields=fields)
    assert file.format == name
    assert [d.sentences for d in read_files([file])] == expected(name)
    assert read(path, format=name, text_fields=fields) == expected(name)
    packed = tmp_path / "packed" / (file_name + ".gz")
    packed.parent.mkdir()
    packed.write_bytes(gzip.compress(path.read_bytes()))
    if name != "tar":  # it is compressed already
        assert read(packed, text_fields=fields) == expected(name)


@pytest.mark.parametrize("name", format_names())
def test_blocks_of_the_unpacked_file_are_the_same_documents(tmp_path, name):
    writer, file_name = WRITERS[name]
    path = tmp_path / file_name
    writer(path)
    file = TextFile.detect(str(path), text_fields=["text"] if name == "tsv" else None)
    if file.needs_unpacking():
        file.unpack_to(str(tmp_path / "plain"), lambda size: None)
        file = file.unpacked(str(tmp_path / "plain"))
    data = pathlib.Path(file.plain_path).read_bytes()
    blocks = file.find_blocks(1)
    documents = [d for b in blocks for d in file.read_block(b.start, data[b.start : b.end])]
    assert documents == expected(name)
    assert file.format == name


@pytest.mark.parametrize("name", format_names())
def test_a_reader_declares_itself(name):
    reader = reader_class(name)
    assert issubclass(reader, BlockReader | StreamReader)
    assert reader.title and reader.__doc__ and "Example" in reader.__doc__


@pytest.mark.parametrize("name", [name for name in format_names() if name != "lines"])
def test_a_truncated_file_is_refused(tmp_path, name):
    writer, file_name = WRITERS[name]
    path = tmp_path / file_name
    writer(path)
    path.write_bytes(path.read_bytes()[:-9])
    assert str(path) in refusal(path, text_fields=["text"] if name == "tsv" else None)


def counted(path, **options):
    """Documents of a file, and what its reader leaves out."""
    bad_rows = BadRows()
    file = TextFile.detect(str(path), **options)
    return [document.sentences for document in read_files([file], bad_rows)], bad_rows.left_out


def test_members_of_archives_that_hold_no_text_are_counted(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        link = zipfile.ZipInfo("b.txt")
        link.external_attr = 0o120777 << 16
        archive.writestr("a.txt", "가\n")
        archive.writestr(link, "a.txt")
        archive.writestr("empty.txt", "")
        archive.writestr("__MACOSX/._a.txt", "\0\1")
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name, data, kind in (
            ("a.txt", "가\n".encode(), tarfile.REGTYPE), ("b.txt", b"", tarfile.SYMTYPE),
            ("empty.txt", b"", tarfile.REGTYPE), (".hidden", b"x", tarfile.REGTYPE),
            ("folder", b"", tarfile.DIRTYPE),
        ):  # fmt: skip
            info = tarfile.TarInfo(name)
            info.size, info.type, info.linkname = len(data), kind, "a.txt"
            archive.addfile(info, io.BytesIO(data))
    for name in ("a.zip", "a.tar"):
        documents, left_out = counted(tmp_path / name)
        assert documents == [["가"]]
        assert sorted(left_out.values()) == [1, 1, 1]


def test_names_of_members_in_cp949_are_readable(tmp_path):
    name = "말뭉치.txt".encode("cp949").decode("cp437")
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("xxxxxx.txt", b"\xff\xfe\xfd")
    data = (tmp_path / "a.zip").read_bytes()
    (tmp_path / "a.zip").write_bytes(data.replace(b"xxxxxx", name[:6].encode("cp437")))
    assert "말뭉치.txt" in refusal(tmp_path / "a.zip")


@pytest.mark.parametrize("first", ["[Content_Types].xml", "mimetype"])
def test_office_documents_are_no_archives_of_texts(tmp_path, first):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        archive.writestr(first, "application/epub+zip")
        archive.writestr("word/document.xml", "<w:t>가</w:t>")
    assert "office document" in refusal(tmp_path / "a.docx")


def test_a_tar_archive_cut_between_members_is_refused(tmp_path):
    _tar(tmp_path / "a.tar.gz")
    data = gzip.decompress((tmp_path / "a.tar.gz").read_bytes())
    (tmp_path / "b.tar").write_bytes(data[: 4 * 512])
    assert "b.tar" in refusal(tmp_path / "b.tar")


@pytest.mark.parametrize("name", format_names())
def test_a_damaged_file_is_read_or_refused(tmp_path, name):
    """No other error than InputError comes of any damage."""
    writer, file_name = WRITERS[name]
    path = tmp_path / file_name
    writer(path)
    whole = path.read_bytes()
    draws = random.Random(name)
    for _ in range(40):
        data = bytearray(whole)
        for _ in range(draws.randint(1, 4)):
            at = draws.randrange(len(data))
            change = draws.choice(["flip", "cut", "twice", "nul", "text"])
            if change == "flip":
                data[at] ^= 1 << draws.randrange(8)
            elif change == "cut":
                del data[at : at + draws.randint(1, 20)]
            elif change == "twice":
                data[at:at] = data[at : at + 30]
            else:
                data[at:at] = (
                    b"\0" if change == "nul" else draws.choice([b'"', b"{", b"<doc ", b"]"])
                )
            data = data or bytearray(b"x")
        path.write_bytes(data)
        for format in ("auto", name):
            try:
                read(path, format=format, text_fields=["text"] if name == "tsv" else None)
            except InputError as error:
                assert str(path) in str(error) or "--" in str(error)


def test_a_reader_from_outside_of_the_package(tmp_path, monkeypatch):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "shouting.py").write_text(
        "from kortf.data.reader import BlockReader\n"
        "class ShoutingReader(BlockReader):\n"
        "    title = 'shouted lines'\n"
        "    @classmethod\n"
        "    def recognise(cls, head):\n"
        "        return False\n"
        "    def parse(self, text, place, bad_rows):\n"
        "        yield from ([line + '!'] for line in text.split())\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "a.txt").write_text("가 나")
    assert read(tmp_path / "a.txt", format="outside.shouting") == [["가!"], ["나!"]]
    file = TextFile.detect(str(tmp_path / "a.txt"), "outside.shouting")
    assert file.format == "outside.shouting"


# -- single formats


def test_turns_of_one_speaker_are_one_line(tmp_path):
    turns = [("1", "네"), ("1", "맞아요"), ("2", "그래요?"), ("2", ""), ("2", "음"), ("1", "네")]
    utterances = [
        {"id": "u", "form": f, "original_form": f + "…", "speaker_id": s} for s, f in turns
    ]
    path = write_json(tmp_path / "a.json", {"document": [{"id": "d", "utterance": utterances}]})
    assert read(path) == [["네 맞아요", "그래요? 음", "네"]]


def test_a_modu_document_without_text_is_refused_by_its_byte(tmp_path):
    good = {"paragraph": [{"form": "가"}]}
    path = write_json(tmp_path / "a.json", {"document": [good, {"title": "x"}]})
    place = path.read_bytes().index(b'{"title')
    assert f"byte {place}:" in refusal(path)
    assert read(path, skip_bad_rows=True) == [["가"]]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("value", "fields", "documents"),
    [
        ({"data": [{"content": "가"}, {"content": "나\n다"}]}, None, [["가"], ["나", "다"]]),
        ({"info": {"n": 1}, "data": [{"a": {"text": "가"}}]}, None, [["가"]]),
        (
            {
                "id": "1",
                "paragraph": [{"sentences": [{"formSentence": "가"}, {"formSentence": "나"}]}],
            },
            None,
            [["가", "나"]],
        ),
        ([{"title": "제목", "text": "가"}], ["title", "text"], [["제목", "가"]]),
        ([{"q": {"t": "가"}, "a": {"t": "나"}}], ["a.t"], [["나"]]),
        ({"data": [{"x": ["가", "나"]}]}, ["data[].x"], [["가", "나"]]),
        ({"title": "제목", "body": "본문"}, ["title", "body"], [["제목", "본문"]]),
    ],
)
def test_json_forms(tmp_path, value, fields, documents, indent):
    path = write_json(tmp_path / "[라벨] a.json", value, indent=indent)
    assert read(path, text_fields=fields) == documents
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert read(path, text_fields=fields) == documents


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"text": "가"}, {"text": 1}]', ["byte 18", "holds a int"]),
        ('[{"text": "가"}, {"body": "나"}]', ["byte 18", "no field text (it has body)"]),
        ('[{"text": "가"} {"text": "나"}]', ["a comma or ']'"]),
        ('[{"text": "가"}]\n[]', ["more text behind"]),
        ('[{"text": "가"}, {"text": NaN}]', ["byte 18", "NaN"]),
        ('[{"text": "가"}, ' + "[" * 20_000, ["nested too deep"]),
        ('[{"text": "가", "n": 1' + "0" * 5000 + "}]", ["digits"]),
        ('[{"x": 1}, {"y": "가"}]', ["text fields are unknown", "[].y"]),
    ],
)
def test_bad_json_names_file_and_byte(tmp_path, text, words):
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    message = refusal(tmp_path / "a.json")
    assert "a.json" in message and all(word in message for word in words), message


def test_json_elements_across_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("kortf.data.json_stream._CHUNK", 7)
    value = {
        "n": 12345678901234,
        "data": [{"text": t, "n": -1.5e10, "ok": True} for t in TEXTS * 9],
    }
    path = write_json(tmp_path / "a.json", value)
    assert read(path) == LINES * 9


def test_csv_of_excel(tmp_path):
    rows = [["번호", "내용"], ["1", '가, "나"\r\n다'], ["2", "라"]]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    for encoding in ("utf-8-sig", "cp949"):
        path = tmp_path / f"{encoding}.csv"
        path.write_bytes(text.getvalue().encode(encoding))
        named = {"encoding": "auto"} if encoding == "cp949" else {}
        assert read(path, text_fields=["내용"], **named) == [['가, "나"', "다"], ["라"]]
    assert "--encoding=cp949" in refusal(tmp_path / "cp949.csv", text_fields=["내용"])
    assert "번호, 내용" in refusal(tmp_path / "utf-8-sig.csv")


@pytest.mark.parametrize(
    ("rows", "line"), [("a,text\n1,가\n2\n", 3), ('a,text\n1,"가" x\n', 2), ('a,text\n1,"가\n', 2)]
)
def test_bad_csv_names_the_line(tmp_path, rows, line):
    (tmp_path / "a.csv").write_text(rows, encoding="utf-8")
    assert f"a.csv, line {line}:" in refusal(tmp_path / "a.csv")


def test_tables_name_missing_and_wrong_columns(tmp_path):
    import pyarrow.parquet

    path = tmp_path / "a.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"body": ["가"], "n": [1.5], "y": [1987]}), path)
    assert "no column 'text'" in refusal(path) and "body, n" in refusal(path)
    assert "row 1: column 'n' holds a float" in refusal(path, text_fields=["n"])
    assert read(path, text_fields=["y", "body"]) == [["1987", "가"]]


def test_a_saved_data_set_is_a_directory(tmp_path):
    _arrow(tmp_path / "data-00000-of-00001.arrow")
    for name in ("dataset_info.json", "state.json"):
        write_json(tmp_path / name, {"_format_columns": None})
    from absl import flags

    from kortf.cli.flags import input as input_flags

    values = flags.FlagValues()
    input_flags.define_input(values)
    values(["kortf", f"--input={tmp_path}"])
    assert [d.sentences for d in read_files(input_flags.open_input(values))] == LINES


def test_archives_in_archives_and_mixed_members(tmp_path):
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("[라벨]/1.json", json.dumps({"id": 1, "sentences": [{"text": "가"}]}))
        archive.writestr("2.jsonl.gz", gzip.compress('{"text": "나"}\n'.encode()))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("inner.zip", inner.getvalue())
        archive.writestr("b.txt", "다\n")
    assert read(tmp_path / "a.zip") == [["가"], ["나"], ["다"]]


def test_members_that_are_no_text_are_refused_or_counted(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", "가\n")
        archive.writestr("b.png", b"\x89PNG\r\n\x1a\n" + bytes(100))
    assert "a.zip, member b.png: a PNG image" in refusal(tmp_path / "a.zip")
    bad_rows = BadRows()
    files = [TextFile.detect(str(tmp_path / "a.zip"), skip_bad_rows=True)]
    assert [d.sentences for d in read_files(files, bad_rows)] == [["가"]]
    assert bad_rows.count == 1


def test_a_protected_zip_is_refused(tmp_path):
    _zip(tmp_path / "a.zip")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := data.find(signature, at + 1)) >= 0:
            data[at + offset] |= 1
    (tmp_path / "a.zip").write_bytes(data)
    assert "password" in refusal(tmp_path / "a.zip")


def test_namuwikitext_keeps_section_names(tmp_path):
    text = (
        " = 서울 =\n\n = = 개요 = =\n 수도이다.\n\n = = = 역사 = = =\n 길다.\n\n = !! =\n 느낌표.\n"
    )
    (tmp_path / "a").write_text(text, encoding="utf-8")
    assert read(tmp_path / "a") == [["개요", "수도이다.", "역사", "길다."], ["느낌표."]]


MARKUP = """{{정보상자
| 이름 = 서울 {{국기|대한민국}} |}}
{| class="wikitable"
| 표 || 칸
|}
'''[[서울특별시|서울]]'''({{llang|en|Seoul}}, [[1394년]])은 &lt;수도&gt;이다.&lt;ref name="a"&gt;주
{{웹 인용|url=x}}&lt;/ref&gt;&lt;ref name="a" /&gt; [https://seoul.go.kr 누리집]을 보라.
<!-- 주석 -->
== 역사 ==
* 첫째 ''항목''
[[파일:a.jpg|섬네일|[[한강]]의 모습]]
[[분류:수도]]
"""


def test_mediawiki_markup_becomes_prose(tmp_path):
    markup = MARKUP.replace("<!--", "&lt;!--").replace("-->", "--&gt;")
    page = "<page><title>{}</title><ns>{}</ns>{}<revision><text>{}</text></revision></page>"
    pages = [
        page.format("서울", 0, "", markup),
        page.format("틀:가", 10, "", "틀"),
        page.format("한성", 0, '<redirect title="서울" />', "#넘겨주기 [[서울]]"),
        page.format("한양", 0, "", "#REDIRECT [[서울]]"),
    ]
    streams = [bz2.compress(part.encode()) for part in ("<mediawiki>", *pages, "</mediawiki>")]
    path = tmp_path / "kowiki-pages-articles-multistream.xml.bz2"
    path.write_bytes(b"".join(streams))
    bad_rows = BadRows()
    documents = [d.sentences for d in read_files([TextFile.detect(str(path))], bad_rows)]
    assert documents == [["서울(1394년)은 <수도>이다. 누리집을 보라.", "역사", "첫째 항목"]]
    assert bad_rows.left_out == {"pages of other namespaces": 1, "redirects": 2}
