"""Raw text, file by file and document by document, in bounded memory."""

from collections.abc import Iterator
from typing import NamedTuple

from kortf.data.corpus.text_file import TextFile
from kortf.data.reader import BadRows


class Document(NamedTuple):
    """One document.

    Args:
        sentences: Its lines in order, stripped of surrounding whitespace, none empty. A line is a
            sentence in `text` and a paragraph in `wiki`.
    """

    sentences: list[str]


def read_documents(
    paths: list[str], format: str = "auto", text_fields: list[str] | None = None, **options
) -> Iterator[Document]:
    """Read the documents of raw text files, one file after the other.

    Args:
        paths: Files (see `kortf.files.expand` for globs); gzip, xz, bzip2 and Zstandard are
            unpacked.
        format: Name of a reader in `kortf/data/formats/`, such as `text`, `wiki` or `jsonl`, the
            dotted path of another, or `auto`: the content of each file decides.
        text_fields: Fields, or columns by header, that hold the text.
        options: `encoding` and `skip_bad_rows`, as `TextFile.detect` takes them.

    Yields:
        Documents that are not empty.

    Raises:
        InputError: A file is missing, empty, damaged, not UTF-8 (with the byte), or not of its
            format (with the line). The formats of all files are settled before the first document.

    Example: a file of "봄이 왔다.\\n꽃이 핀다.\\n\\n겨울이다.\\n" gives
        `Document(["봄이 왔다.", "꽃이 핀다."])` and `Document(["겨울이다."])`.
    """
    yield from read_files([TextFile.detect(path, format, text_fields, **options) for path in paths])


def read_files(text_files: list[TextFile], bad_rows: BadRows | None = None) -> Iterator[Document]:
    """Read the documents of files whose formats are known.

    Args:
        text_files: The files.
        bad_rows: Counts the rows that are skipped, in files that skip them.
    """
    for file in text_files:
        counted = BadRows(file.skip_bad_rows)
        for lines in file.documents(counted):
            yield Document(lines)
        if bad_rows is not None:
            bad_rows.merge(counted.count, counted.samples, counted.left_out)
