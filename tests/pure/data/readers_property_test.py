"""Any text comes out of each reader as the writers of Python and pyarrow put it in."""

import csv
import io
import json
import tempfile
import zipfile

import pyarrow
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from kortf.data.corpus.corpus import read_documents

# White space and controls that no line begins or ends with, jamo, decomposed Hangul, quotes, BOM,
# NUL, emoji, astral Hanja, and what formats mean something by.
LETTERS = "가힣ᄀ\u1161ㅋ각é a1\t\"',;:{}[]\\/<>&\ufeff\0\u200d\u3000\xa0👍🏽𠀀\x85\u2028#|-=*"
lines = st.text(LETTERS, min_size=1, max_size=12)
texts = st.lists(lines, min_size=1, max_size=3).map("\n".join)
corpora = st.lists(texts, min_size=1, max_size=4)


def jsonl(rows) -> bytes:
    return "".join(json.dumps({"text": text}) + "\n" for text in rows).encode()


def jsonl_unescaped(rows) -> bytes:
    dumped = (json.dumps({"id": 1, "text": text}, ensure_ascii=False) for text in rows)
    return "".join(line + "\n" for line in dumped).encode()


def json_array(rows) -> bytes:
    return json.dumps([{"text": text} for text in rows], indent=1, ensure_ascii=False).encode()


def table(rows) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerows([["id", "text"], *([number, text] for number, text in enumerate(rows))])
    return out.getvalue().encode()


def modu(rows) -> bytes:
    paragraphs = ([{"form": line} for line in text.split("\n")] for text in rows)
    documents = [{"id": "N.1", "paragraph": paragraph} for paragraph in paragraphs]
    return json.dumps({"id": "NWRW", "document": documents}, ensure_ascii=False).encode()


def parquet_file(rows) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": rows}), out)
    return out.getvalue()


def archive(rows) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("a.jsonl", jsonl(rows))
    return out.getvalue()


FORMS = {
    "a.jsonl": jsonl, "b.jsonl": jsonl_unescaped, "a.json": json_array, "a.csv": table,
    "modu.json": modu, "a.parquet": parquet_file, "a.zip": archive,
}  # fmt: skip


def expected(rows) -> list[list[str]]:
    documents = ([line.strip() for line in text.split("\n")] for text in rows)
    documents = ([line for line in document if line] for document in documents)
    return [document for document in documents if document]


@pytest.mark.parametrize("name", FORMS)
@settings(max_examples=60, deadline=None)
@given(rows=corpora)
@example(rows=["가\n\n나", " ", '"', "a,b", "\ufeff가"])
def test_a_reader_returns_what_was_written(name, rows):
    with tempfile.TemporaryDirectory() as directory:
        path = f"{directory}/{name}"
        with open(path, "wb") as file:
            file.write(FORMS[name](["첫 글", *rows]))
        found = [document.sentences for document in read_documents([path])]
    assert found == expected(["첫 글", *rows])
