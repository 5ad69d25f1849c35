"""Read one huge JSON value element by element, in bounded memory."""

import codecs
import json
from collections.abc import Iterator
from typing import IO, Any, NamedTuple

from kortf.errors import InputError

_CHUNK = 1 << 20
ELEMENT_CHARS = 1 << 26  # beyond these an element is refused
MOST_DEPTH = 50  # of objects that are opened to find an array
_SPACE = " \t\r\n"
# JSON that breaks off so near to the end of what has been read may go on in the next chunk.
_NEAR_END = 16


class Element(NamedTuple):
    """A value in a JSON text.

    Args:
        path: Names of the objects and arrays around it: `document[]`, `metadata.title`.
        place: File and byte at which it begins.
        value: The decoded value.
    """

    path: str
    place: str
    value: Any


class JsonStream:
    """Decode the elements of the outermost arrays of a JSON text one at a time.

    Objects around the arrays are opened, and all their other values are elements as well.

    Args:
        stream: UTF-8 bytes, a byte order mark at the beginning or not.
        name: Name of the file, for errors.

    Example:
        '{"id": 1, "data": [{"a": 2}, 3]}' -> ("id", 1), ("data[]", {"a": 2}), ("data[]", 3)
    """

    def __init__(self, stream: IO, name: str):
        self._stream = stream
        self._name = name
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._scan = json.JSONDecoder(parse_constant=_refuse_constant).raw_decode
        self._text = ""
        self._at = 0
        # Bytes of the stream before `_text[_seen]`; counted on, so that no character counts twice.
        self._bytes = self._seen = 0
        self._ended = False

    def __iter__(self) -> Iterator[Element]:
        if self._peek() == "\ufeff":
            self._at += 1
        yield from self._walk("", 0)
        if self._peek():
            raise self._error("more text behind the JSON value", "write one JSON value a file")

    def _walk(self, path: str, depth: int) -> Iterator[Element]:
        start = self._peek()
        if start == "[":
            yield from self._elements(path + "[]")
        elif start == "{" and depth < MOST_DEPTH:
            yield from self._members(path, depth)
        else:
            yield self._element(path)

    def _elements(self, path: str) -> Iterator[Element]:
        self._at += 1
        if self._peek() == "]":
            self._at += 1
            return
        while True:
            yield self._element(path)
            if self._separator("]"):
                return

    def _members(self, path: str, depth: int) -> Iterator[Element]:
        self._at += 1
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            if self._peek() != '"':
                raise self._error("a name in double quotes is missing")
            name = self._value()
            if self._peek() != ":":
                raise self._error("a colon is missing")
            self._at += 1
            yield from self._walk(f"{path}.{name}" if path else name, depth + 1)
            if self._separator("}"):
                return

    def _separator(self, end: str) -> bool:
        found = self._peek()
        if found not in (",", end) or not found:
            raise self._error(f"a comma or '{end}' is missing")
        self._at += 1
        return found == end

    def _element(self, path: str) -> Element:
        self._peek()
        place = f"{self._name}, byte {self._byte()}"
        return Element(path, place, self._value())

    def _value(self) -> Any:
        self._peek()
        while True:
            try:
                value, end = self._scan(self._text, self._at)
                # A number at the very end may have more digits.
                if end < len(self._text) or self._ended or self._text[end - 1] in '"]}':
                    self._at = end
                    return value
            except json.JSONDecodeError as error:
                cut = error.msg.startswith("Unterminated string")
                cut = cut or error.pos >= len(self._text) - _NEAR_END
                if self._ended or not cut:
                    raise self._error(error.msg, at=error.pos) from error
            except RecursionError as error:
                raise self._error("nested too deep") from error
            except ValueError as error:
                digits = "a number of too many digits"
                problem = str(error) if str(error).endswith("JSON") else digits
                raise self._error(problem) from error
            if len(self._text) - self._at > ELEMENT_CHARS:
                problem = f"an element of more than {ELEMENT_CHARS >> 20} million characters"
                raise self._error(problem, "split it into documents")
            self._fill()

    def _peek(self) -> str:
        """Pass over white space; return the next character, empty at the end."""
        while True:
            while self._at < len(self._text):
                if self._text[self._at] not in _SPACE:
                    return self._text[self._at]
                self._at += 1
            if self._ended:
                return ""
            self._fill()

    def _fill(self) -> None:
        # At least as much again as there is: a long element is not decoded again for each chunk.
        raw = self._stream.read(max(_CHUNK, len(self._text) - self._at))
        self._ended = not raw
        self._byte()
        try:
            self._text = self._text[self._at :] + self._decoder.decode(raw, final=self._ended)
        except UnicodeDecodeError as error:
            place = f"{self._name}, behind byte {self._bytes}"
            cure = "give its --encoding, or convert the file to UTF-8"
            raise InputError(place, "not UTF-8", cure) from error
        self._at = self._seen = 0

    def _byte(self, at: int | None = None) -> int:
        """Return the byte of the stream at the current character, or at another one."""
        self._bytes += len(self._text[self._seen : self._at].encode("utf-8", "surrogatepass"))
        self._seen = self._at
        if at is None or at < self._at:
            return self._bytes
        return self._bytes + len(self._text[self._at : at].encode("utf-8", "surrogatepass"))

    def _error(
        self, problem: str, cure: str = "download or write the file again", at: int | None = None
    ) -> InputError:
        if self._ended and (self._at if at is None else at) >= len(self._text) - 1:
            problem = f"the file ends inside the JSON value ({problem})"
        return InputError(f"{self._name}, byte {self._byte(at)}", f"not JSON: {problem}", cure)


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not JSON")
