"""Zip archives."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.corpus.archive import ArchiveReader, is_hidden
from kortf.data.reader import BadRows, Head, Source
from kortf.errors import InputError

_ENCRYPTED = 1
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    OverflowError,
)  # fmt: skip


@dataclass(frozen=True)
class ZipReader(ArchiveReader):
    """Read the members of a zip archive, in the order of the archive, without unpacking to disk.

    Example:
        members `a.txt` ("가\\n") and `b.jsonl` ('{"text": "나"}\\n') -> ["가"], ["나"]
    """

    title = "zip archive"
    extensions = (".zip",)
    binary = True
    order = 5

    @classmethod
    def recognise(cls, head: Head) -> bool:
        return head.data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))

    def documents(self, source: Source, bad_rows: BadRows) -> Iterator[list[str]]:
        name = source.name
        try:
            with source.open_seekable() as file, zipfile.ZipFile(file) as archive:
                for member in archive.infolist():
                    if member.is_dir() or is_hidden(member.filename):
                        continue
                    if member.flag_bits & _ENCRYPTED:
                        place = f"{name}, member {member.filename}"
                        raise InputError(place, "protected by a password", "unpack it (unzip -P)")
                    with archive.open(member) as stream:
                        yield from self.read_member(name, member.filename, stream, bad_rows)
        except InputError:
            raise
        except _DAMAGED as error:
            problem = f"not a whole zip archive ({error})"
            raise InputError(name, problem, "download it again") from error
        except (NotImplementedError, RuntimeError) as error:
            raise InputError(name, f"zip archive: {error}", "unpack it (unzip)") from error
