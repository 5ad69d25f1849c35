"""Zip archives."""

import contextlib
import lzma
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from kortf.data.corpus.archive import HIDDEN, LINKS, ArchiveReader, is_hidden
from kortf.data.reader import BadRows, Head, Source
from kortf.errors import InputError

_ENCRYPTED, _UTF8_NAME = 1, 0x800
# Members of the archives that documents are.
_OFFICE = ("[Content_Types].xml", "mimetype", "META-INF/container.xml")
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
                members = archive.infolist()
                if any(member.filename in _OFFICE for member in members):
                    problem = "an office document or e-book, not an archive of texts"
                    raise InputError(name, problem, "save it as .txt, .csv or .xlsx")
                for member in members:
                    if member.is_dir():
                        continue
                    is_link = stat.S_ISLNK(member.external_attr >> 16)
                    if is_link or is_hidden(member.filename):
                        bad_rows.leave_out(LINKS if is_link else HIDDEN)
                        continue
                    shown = _name_of(member)
                    if member.flag_bits & _ENCRYPTED:
                        place = f"{name}, member {shown}"
                        raise InputError(place, "protected by a password", "unpack it (unzip -P)")
                    with archive.open(member) as stream:
                        yield from self.read_member(name, shown, stream, bad_rows)
        except InputError:
            raise
        except _DAMAGED as error:
            problem = f"not a whole zip archive ({error})"
            raise InputError(name, problem, "download it again") from error
        except (NotImplementedError, RuntimeError) as error:
            raise InputError(name, f"zip archive: {error}", "unpack it (unzip)") from error


def _name_of(member: zipfile.ZipInfo) -> str:
    """Return the name of a member; Korean Windows writes CP949, which zipfile takes for CP437."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    raw = member.filename.encode("cp437", "replace")
    for encoding in ("utf-8", "cp949"):
        with contextlib.suppress(UnicodeDecodeError):
            return raw.decode(encoding)
    return member.filename
