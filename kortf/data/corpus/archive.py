"""Documents of the members of an archive."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from kortf.data.corpus.recognition import AUTO, recognise
from kortf.data.corpus.sources import MemberSource, Prefixed
from kortf.data.corpus.text_file import read_source
from kortf.data.reader import BadRows, Head, StreamReader
from kortf.errors import InputError

_INSIDE = ", member "
_MOST_NESTED = 3  # archives in archives


@dataclass(frozen=True)
class ArchiveReader(StreamReader):
    """Base of the readers of archives: each member is recognised by its content and read.

    Args:
        encoding: Encoding of the text in the members.
    """

    encoding: str = "utf-8"

    @classmethod
    def create(cls, head: Head) -> "ArchiveReader":
        return cls(head.text_fields or (), head.encoding)

    def read_member(
        self, archive: str, member: str, stream: IO, bad_rows: BadRows
    ) -> Iterator[list[str]]:
        """Yield the documents of a member.

        Args:
            archive: Name of the archive.
            member: Name of the member.
            stream: Its bytes.
            bad_rows: Told of rows, and members, that cannot be read.
        """
        name = f"{archive}{_INSIDE}{member}"
        stream = Prefixed(b"", stream)
        if not stream.peek(1):
            bad_rows.leave_out("empty members of archives")
            return
        if name.count(_INSIDE) > _MOST_NESTED:
            raise InputError(name, "archives in archives, too deep", "unpack it")
        try:
            source = MemberSource(name, stream)
            reader = recognise(source, AUTO, list(self.fields) or None, self.encoding)
        except InputError as error:
            bad_rows.report(error)
            return
        yield from read_source(reader, source, bad_rows)


LINKS = "links in archives"
HIDDEN = "hidden members of archives"


def is_hidden(member: str) -> bool:
    """Return whether a member is a hidden file, or one that macOS adds to archives."""
    parts = member.replace("\\", "/").split("/")
    names = (part for part in parts if part not in (".", ".."))
    return any(name.startswith(".") or name == "__MACOSX" for name in names)
