"""JSON files, or the JSON files in a zip file."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

from kortf import files
from kortf.errors import InputError
from kortf.strict_json import parse_json

MOST_BYTES = 2**31  # of one file in an archive
_CURE = "fetch the file again"
_DAMAGED = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, ValueError,
    OverflowError, RuntimeError, NotImplementedError,
)  # fmt: skip


def read_zipped_json(path: str) -> Iterator[tuple[str, Any]]:
    """Yield `(place, content)` of a JSON file, or of each JSON file in a zip file.

    Raises:
        InputError: If the file is missing, is damaged, or has no JSON file in it.
    """
    if not path.endswith(".zip"):
        yield path, files.read_json(path)
        return
    with files.open_file(path) as file:
        try:
            with zipfile.ZipFile(file) as archive:
                names = sorted(n for n in archive.namelist() if n.endswith(".json"))
                if not names:
                    raise InputError(path, "there is no JSON file in it", _CURE)
                for name in names:
                    yield f"{path}, {name}", _member(archive, name, f"{path}, {name}")
        except InputError:
            raise
        except _DAMAGED as e:
            raise InputError(path, f"damaged or encrypted zip file ({e})", _CURE) from e


def _member(archive: zipfile.ZipFile, name: str, place: str) -> Any:
    with archive.open(name) as member:
        content = member.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise InputError(place, f"larger than {MOST_BYTES:,} bytes", "split the file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(place, "not valid UTF-8", _CURE) from error
    return parse_json(text, place, _CURE)
