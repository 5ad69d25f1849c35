"""Raw text, file by file and document by document, in bounded memory."""

from collections.abc import Iterator
from typing import NamedTuple

from kortf.data.corpus import blocks, compression
from kortf.data.corpus.text_file import TextFile


class Document(NamedTuple):
    """One document.

    Args:
        sentences: its lines in order, stripped of surrounding whitespace, none empty. What a line
            is depends on the source: a sentence in `text`, a paragraph in `wiki`.
    """

    sentences: list[str]


def read_documents(
    paths: list[str], format: str = "auto", text_fields: list[str] | None = None
) -> Iterator[Document]:
    """Reads the documents of raw text files, one file after the other.

    Args:
        paths: files (see `kortf.files.expand` for globs); gzip, xz, bzip2 and Zstandard are
            unpacked on the way.
        format: `text` (a sentence a line, a blank line between documents), `lines` (each line is a
            document), `wiki` (WikiExtractor's `<doc>` blocks or JSON lines), `jsonl`, `tsv`, or
            `auto`: the file's beginning decides, and text without a blank line there is `lines`.
        text_fields: fields (`jsonl`) or columns by header (`tsv`) that hold the text.

    Yields:
        Documents that are not empty.

    Raises:
        InputError: for a file that is missing, empty, damaged, not UTF-8 (with the byte), or not of
            its format (with the line). The formats of all files are settled before the first
            document comes.

    Example: a file of "봄이 왔다.\\n꽃이 핀다.\\n\\n겨울이다.\\n" gives
        `Document(["봄이 왔다.", "꽃이 핀다."])` and `Document(["겨울이다."])`.
    """
    text_files = [TextFile.detect(path, format, text_fields) for path in paths]
    for file in text_files:
        with compression.open_bytes(file.path) as stream:
            for start, data in blocks.iter_blocks(stream, file.format, file.path):
                for lines in file.read_block(start, data):
                    yield Document(lines)
