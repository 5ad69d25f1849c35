"""Fetch one file by HTTP: continue where the connection broke, retry, stop at a known size.

pooch and requests neither continue a partial file nor stop at a size, so this is our own.
"""

import email.message
import http.client
import os
import time
import urllib.error
import urllib.request

import kortf
from kortf import files
from kortf.data.progress import Progress
from kortf.errors import InputError
from kortf.ranges import whole_number

BLOCK = 1 << 16
STALL_SECONDS = 60  # without a byte, before the connection is given up
ATTEMPTS = 5  # in a row that bring no byte
LONGEST_WAIT = 30.0
LONGEST_FILE = 1 << 36  # 64 GiB, for a file whose size nobody has published
LONGEST_BENCHMARK_FILE = 1 << 30
PART = ".part"
PASSING = (408, 425, 429, 500, 502, 503, 504)  # HTTP statuses worth another attempt
RANGE_PAST_END = 416


class Broken(Exception):
    """The connection broke before the end of the file."""

    def __init__(self, problem: str, wait: float = 0.0):
        super().__init__(problem)
        self.wait = wait


def transfer(address: str, part: str, size: int | None = None, pause: float = 1.0) -> int:
    """Append the content of an address to a file that may hold its first bytes.

    Args:
        address: Address by http or https.
        part: Path of the file.
        size: Published size in bytes; `LONGEST_BENCHMARK_FILE` is the bound if it is unknown.
        pause: Seconds before the second attempt; doubled before each further one.

    Returns:
        Bytes that the file held before and that were kept.

    Raises:
        InputError: The server refuses the file, sends more bytes than allowed, or the connection
            broke too often.
    """
    kept, failures = _length(part), 0
    limit = LONGEST_BENCHMARK_FILE if size is None else size
    while True:
        before = _length(part)
        try:
            kept = min(kept, _attempt(address, part, before, limit))
            return kept
        except _TooLong as error:
            files.remove(part)
            if kept:  # it may have held the first bytes of another file
                kept = 0
                continue
            problem = f"the server sends more than {limit:,} bytes"
            raise InputError(address, problem, "take another mirror, or report it") from error
        except Broken as error:
            failures = 1 if _length(part) > before else failures + 1
            if failures == ATTEMPTS:
                have = f" ({_length(part):,} bytes are kept)" if _length(part) else ""
                cure = "check the network and run the same command again"
                raise InputError(address, f"{error}{have}", cure) from error
            time.sleep(min(LONGEST_WAIT, max(error.wait, pause * 2 ** (failures - 1))))


class _TooLong(Exception):
    """The server sends more bytes than the file has."""


def _attempt(address: str, part: str, start: int, limit: int) -> int:
    """Send one request; return the number of bytes of the file that were kept."""
    headers = {"User-Agent": f"kortf/{kortf.__version__}"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request, timeout=STALL_SECONDS) as response:
            if response.status != http.HTTPStatus.PARTIAL_CONTENT:
                start = 0  # the server knows no ranges
            elif _first_byte(response.headers) != start:
                raise Broken("the server began at another byte than requested")
            _receive(response, part, start, limit)
            return start
    except urllib.error.HTTPError as error:
        if error.code == RANGE_PAST_END and start:
            if _total(error.headers) == start:
                return start  # the file is complete
            files.remove(part)
            raise Broken("the partial file was longer than the file") from error
        if error.code in PASSING:
            raise Broken(f"HTTP {error.code} {error.reason}", _seconds(error.headers)) from error
        cure = "fetch the file by hand from the benchmark's page, or name a --mirror"
        raise InputError(address, f"HTTP {error.code} {error.reason}", cure) from error
    except urllib.error.URLError as error:
        raise Broken(f"no connection ({error.reason})") from error
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise Broken(f"no answer ({type(error).__name__})") from error


def _receive(response: http.client.HTTPResponse, part: str, start: int, limit: int) -> None:
    length = response.headers.get("Content-Length")
    if length is not None and not (length.isascii() and length.isdecimal()):
        raise Broken(f"the server sent Content-Length: {length[:40]!r}")
    expected = int(length[:20]) if length else None
    if start + (expected or 0) > limit:
        raise _TooLong
    name = os.path.basename(part).removesuffix(PART)
    progress, received = Progress(name, expected or 0), 0
    try:
        with open(part, "ab" if start else "wb") as file:
            while block := _read(response):
                if start + received + len(block) > limit:
                    raise _TooLong
                file.write(block)
                received += len(block)
                progress.advance(len(block))
    finally:
        progress.close()
    # Reading block by block, http.client takes an early end for the end.
    if expected is not None and received < expected:
        raise Broken(f"the connection broke after {start + received:,} bytes")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(BLOCK)
    except (
        OSError,
        http.client.HTTPException,
    ) as error:  # never the disk's: nothing is written here
        raise Broken(f"the connection broke ({type(error).__name__})") from error


def _length(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0


def _first_byte(headers: email.message.Message) -> int | None:
    """`Content-Range: bytes 100-199/200` -> 100."""
    value = headers.get("Content-Range", "").removeprefix("bytes").strip()
    first = value.split("-")[0]
    return whole_number(first)


def _total(headers: email.message.Message) -> int | None:
    """`Content-Range: bytes */200` -> 200."""
    last = headers.get("Content-Range", "").rpartition("/")[2]
    return whole_number(last)


def _seconds(headers: email.message.Message) -> float:
    """Return the seconds of `Retry-After`; 0 if it is missing or a date."""
    value = headers.get("Retry-After", "")
    return float(whole_number(value) or 0)
