"""Decode text that is not UTF-8, and describe bytes that are not what they should be."""

import codecs
import re
from collections.abc import Iterator
from typing import IO

from kortf.errors import InputError
from kortf.lines import BOM

ENCODINGS = (
    "utf-8",
    "auto",
    "cp949",
    "euc-kr",
    "johab",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cesu-8",
)
_CHUNK = 1 << 16
_CESU8 = re.compile(rb"\xed([\xa0-\xaf])([\x80-\xbf])\xed([\xb0-\xbf])([\x80-\xbf])")
_PAIR_BEGIN = re.compile(rb"\xed(?:[\xa0-\xaf]|\Z)")
_HANGUL = re.compile("[가-힣]")
# With this many times more Hangul syllables, undecodable bytes are damage, not an encoding.
_DAMAGE = 5
# First bytes of encodings that are refused, with their names for `iconv`.
_REFUSED = (
    (b"\xff\xfe\0\0", "UTF-32"), (b"\0\0\xfe\xff", "UTF-32"), (b"\x1b$)C", "ISO-2022-KR"),
)  # fmt: skip
# Characters of three bytes: text of another encoding does not look like so many by chance.
_UTF8_CHARS = re.compile(rb"[\xe1-\xec][\x80-\xbf]{2}")
_LEAST_UTF8 = 3


class Transcoded:
    """A stream of text in another encoding, read as UTF-8.

    Args:
        stream: The bytes.
        encoding: One of `ENCODINGS` except `utf-8` and `auto`.
        name: Name of the file, for errors.
    """

    def __init__(self, stream: IO, encoding: str, name: str):
        self._stream = stream
        self._name = name
        self._encoding = encoding
        self._cesu8 = encoding == "cesu-8"
        self._decoder = None if self._cesu8 else codecs.getincrementaldecoder(encoding)()
        self._rest = b""
        self._ready = bytearray()
        self._done = 0
        self._ended = False

    def read(self, size: int = -1) -> bytes:
        """Read up to `size` bytes of UTF-8."""
        while not self._ended and (size < 0 or len(self._ready) < size):
            self._read_chunk()
        size = len(self._ready) if size < 0 else size
        data = bytes(self._ready[:size])
        del self._ready[:size]
        return data

    def chunks(self) -> Iterator[bytes]:
        """Yield UTF-8 as soon as the stream gives bytes, for input that is typed or piped."""
        while not self._ended:
            self._read_chunk()
            data = bytes(self._ready)
            self._ready.clear()
            if data:
                yield data

    def _read_chunk(self) -> None:
        raw = self._stream.read(_CHUNK)
        self._ended = not raw
        self._ready += self._join_surrogates(raw) if self._cesu8 else self._decode(raw)

    def _decode(self, raw: bytes) -> bytes:
        # Bytes of a character that the chunk before began: the error counts from them.
        pending = len(self._decoder.getstate()[0])
        try:
            text = self._decoder.decode(raw, final=self._ended)
            if self._done == 0:
                text = text.removeprefix("\ufeff")
            self._done += len(raw)
            return text.encode("utf-8")
        except UnicodeError as error:
            start = max(getattr(error, "start", 0), 0)
            place = f"{self._name}, byte {self._done - pending + start}"
            problem = f"not {self._encoding.upper()}"
            raise InputError(place, problem, "give another --encoding, or mend the file") from error

    def _join_surrogates(self, raw: bytes) -> bytes:
        data = self._rest + raw
        # A pair has six bytes: one that begins in the last five is not complete yet.
        begun = None if self._ended else _PAIR_BEGIN.search(data, max(len(data) - 5, 0))
        cut = begun.start() if begun else len(data)
        self._rest = data[cut:]
        return _CESU8.sub(_join_pair, data[:cut])


def _join_pair(match: re.Match) -> bytes:
    high, more, low, last = (part[0] & 0x3F for part in match.groups())
    high, low = (high << 6 | more) & 0x3FF, (low << 6 | last) & 0x3FF
    return chr(0x10000 + (high << 10 | low)).encode("utf-8")


def settle_encoding(data: bytes, encoding: str, name: str) -> str:
    """Return the encoding of a file that begins with `data`.

    Args:
        data: First bytes of the file.
        encoding: What the user says; `auto` is UTF-8, UTF-16, CP949 or Johab, whichever fits.
        name: Name of the file, for errors.

    Raises:
        InputError: The encoding is unknown or not supported, the text is UTF-16 and the user has
            not said so, or it is UTF-8 and the user names another encoding.
    """
    if encoding not in ENCODINGS:
        cure = f"choose {', '.join(ENCODINGS)}"
        raise InputError(f"--encoding={encoding}", "unknown encoding", cure)
    for start, kind in _REFUSED:
        if data.startswith(start):
            cure = f"convert it (iconv -f {kind} -t UTF-8)"
            raise InputError(f"{name}, byte 0", f"{kind}, which is not supported", cure)
    if encoding not in ("utf-8", "auto", "cesu-8") and _looks_like_utf8(data):
        cure = "leave --encoding out, or give --encoding=auto"
        raise InputError(f"{name}, byte 0", f"UTF-8, not {encoding.upper()}", cure)
    utf16 = _utf16(data)
    if encoding == "utf-8" and utf16:
        cure = f"give --encoding={utf16}, or convert it (iconv -f {utf16.upper()} -t UTF-8)"
        raise InputError(f"{name}, byte 0", f"{utf16.upper()}, not UTF-8", cure)
    if encoding != "auto":
        return encoding
    if utf16:
        return utf16
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
        return "utf-8"
    except UnicodeDecodeError as error:
        kind = _kind_of(data, error.start)
        return kind if kind in ("cp949", "johab", "cesu-8") else "utf-8"


def _looks_like_utf8(data: bytes) -> bool:
    found = 0
    for found, _ in enumerate(_UTF8_CHARS.finditer(data[:_CHUNK]), start=1):
        if found == _LEAST_UTF8:
            break
    if found < _LEAST_UTF8:
        return False
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return True


def not_utf8(data: bytes, start: int, place: str) -> InputError:
    """Return the error for a text that is not UTF-8 at `data[start]`.

    It tells damage in UTF-8 from CP949, CESU-8 and a truncated file, because each has another cure.

    Args:
        data: A part of the text, as much as there is.
        start: Place of the first wrong byte.
        place: File and byte, for the message.
    """
    byte = f"not UTF-8 (0x{data[start]:02x})"
    kind = _kind_of(data, start)
    if kind in ("cp949", "johab"):
        upper = kind.upper()
        cure = f"give --encoding={kind}, or convert it (iconv -f {upper} -t UTF-8)"
        return InputError(place, f"{byte}: the text looks like {upper}", cure)
    if kind == "cesu-8":
        problem = f"{byte}: a surrogate pair in two parts, as CESU-8 has it"
        return InputError(place, problem, "give --encoding=cesu-8")
    if kind == "cut":
        cure = "download the file again, or drop the character (iconv -c -f UTF-8 -t UTF-8)"
        return InputError(place, f"{byte}: the file ends inside a character", cure)
    if kind == "damaged":
        cure = "drop the bytes (iconv -c -f UTF-8 -t UTF-8), or give --skip_bad_rows"
        return InputError(place, f"{byte}: a broken character in UTF-8 text", cure)
    cure = "name its --encoding, or leave out what is not text"
    return InputError(place, f"{byte}, nor another encoding of Korean", cure)


def _kind_of(data: bytes, start: int) -> str:
    if _CESU8.match(data, start):
        return "cesu-8"
    broken = data.decode("utf-8", "replace")
    hangul, damage = len(_HANGUL.findall(broken)), broken.count("\ufffd")
    if hangul >= _DAMAGE * damage:
        return "cut" if _ends_inside_a_character(data, start) else "damaged"
    cp949, johab = (_common_share(data, encoding) for encoding in ("cp949", "johab"))
    if johab > max(cp949, 0.5):
        return "johab"
    if cp949 >= 0 and _is_cp949(data):
        return "cp949"
    if _ends_inside_a_character(data, start):
        return "cut"
    return "damaged" if hangul > damage else "other"


def _common_share(data: bytes, encoding: str) -> float:
    """Return the share of usual syllables among the characters beyond ASCII; -1 if undecodable."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return -1.0
    others = [character for character in text if not character.isascii()]
    # EUC-KR spells the 2,350 usual syllables in two bytes, the others in eight.
    usual = sum(len(syllable.encode("euc_kr")) == 2 for syllable in _HANGUL.findall(text))
    return usual / max(len(others), 1)


def _is_cp949(data: bytes) -> bool:
    try:
        text = codecs.getincrementaldecoder("cp949")().decode(data)
    except UnicodeDecodeError:
        return False
    others = sum(1 for character in text if not character.isascii())
    return 2 * len(_HANGUL.findall(text)) > others


def _ends_inside_a_character(data: bytes, start: int) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data[start:])
    except UnicodeDecodeError:
        return False
    return True


def _utf16(data: bytes) -> str | None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    head = data[:4096]
    if len(head) < 8 or head.startswith(BOM):
        return None
    # Spaces, line feeds and digits have a NUL in UTF-16, always on the same side.
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd < max(len(head) // 16, 2) or min(even, odd) * 4 > max(even, odd):
        return None
    guess = "utf-16-le" if odd > even else "utf-16-be"
    try:
        text = codecs.getincrementaldecoder(guess)().decode(head)
    except UnicodeDecodeError:
        return None
    readable = sum(1 for character in text if character.isprintable() or character.isspace())
    return guess if readable >= len(text) * 0.95 else None
