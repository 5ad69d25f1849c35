"""Tar archives, compressed or not."""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from kortf.data.corpus.archive import HIDDEN, LINKS, ArchiveReader, is_hidden
from kortf.data.corpus.sources import buffered
from kortf.data.reader import BadRows, Head, Source
from kortf.errors import InputError

_BLOCK = 512
_CHECKSUM = slice(148, 156)


@dataclass(frozen=True)
class TarReader(ArchiveReader):
    """Read the files of a tar archive, in the order of the archive, without unpacking to disk.

    Example:
        members `a.txt` ("가\\n") and `b.jsonl` ('{"text": "나"}\\n') -> ["가"], ["나"]
    """

    title = "tar archive"
    extensions = (".tar", ".tgz")
    binary = True
    order = 6

    @classmethod
    def recognise(cls, head: Head) -> bool:
        block = head.data[:_BLOCK]
        if len(block) < _BLOCK:
            return False
        try:
            stored = int(block[_CHECKSUM].strip(b" \0") or b"x", 8)
        except ValueError:
            return False
        return stored == sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" ")

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        try:
            with (
                source.open() as raw,
                tarfile.open(fileobj=buffered(tail := _Tail(raw)), mode="r|") as archive,
            ):
                for member in archive:
                    if member.isdir() or not (member.isfile() or member.issym() or member.islnk()):
                        continue
                    if not member.isfile() or is_hidden(member.name):
                        bad_rows.leave_out(HIDDEN if is_hidden(member.name) else LINKS)
                        continue
                    file = archive.extractfile(member)
                    yield from self.read_member(source.name, member.name, file, bad_rows)
                tail.check(source.name)
        except InputError:
            raise
        except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
            problem = f"not a whole tar archive ({error})"
            raise InputError(source.name, problem, "download it again") from error


class _Tail:
    """A stream that remembers its last block: tarfile takes a truncated archive for a whole one."""

    def __init__(self, stream: IO):
        self._stream = stream
        self._last = b""

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(size)
        self._last = data[-_BLOCK:] if len(data) >= _BLOCK else (self._last + data)[-_BLOCK:]
        return data

    def check(self, name: str) -> None:
        """Refuse an archive that does not end in a block of NULs."""
        while self.read(1 << 16):
            pass
        if self._last.strip(b"\0"):
            raise InputError(name, "the tar archive ends early", "download it again")
