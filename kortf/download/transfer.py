"""Fetches one file by HTTP: goes on where it broke off, tries again, never leaves half a file."""

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

BLOCK = 1 << 16
STALL_SECONDS = 60  # without a byte, until the connection is given up
ATTEMPTS = 5  # in a row that bring nothing
LONGEST_WAIT = 30.0
PART = ".part"
PASSING = (408, 425, 429, 500, 502, 503, 504)  # states of a server that may be gone in a moment
RANGE_PAST_END = 416


class Broken(Exception):
    """A transfer ended before its end."""

    def __init__(self, problem: str, wait: float = 0.0):
        super().__init__(problem)
        self.wait = wait


def transfer(address: str, part: str, pause: float = 1.0) -> int:
    """Brings what is at an address into a file, from where the file ends.

    Args:
        address: http or https.
        part: path of the file, which may hold the first bytes already.
        pause: seconds before the second attempt; twice as long before each further one.

    Returns:
        Bytes that were there already and were kept.

    Raises:
        InputError: the server does not give it, or the connection broke too often.
    """
    kept, failures = _length(part), 0
    while True:
        before = _length(part)
        try:
            kept = min(kept, _attempt(address, part, before))
            return kept
        except Broken as error:
            failures = 1 if _length(part) > before else failures + 1
            if failures == ATTEMPTS:
                have = f" ({_length(part):,} bytes are kept)" if _length(part) else ""
                cure = "check the network and run the same command again"
                raise InputError(address, f"{error}{have}", cure) from error
            time.sleep(min(LONGEST_WAIT, max(error.wait, pause * 2 ** (failures - 1))))


def _attempt(address: str, part: str, start: int) -> int:
    """One request; returns how many bytes of the file it kept."""
    headers = {"User-Agent": f"kortf/{kortf.__version__}"}
    if start:
        headers["Range"] = f"bytes={start}-"
    try:
        request = urllib.request.Request(address, headers=headers)
        with urllib.request.urlopen(request, timeout=STALL_SECONDS) as response:
            if response.status != http.HTTPStatus.PARTIAL_CONTENT:
                start = 0  # the server cannot begin in the middle
            elif _first_byte(response.headers) != start:
                raise Broken("the server began at another byte than was asked for")
            _receive(response, part, start)
            return start
    except urllib.error.HTTPError as error:
        if error.code == RANGE_PAST_END and start:
            if _total(error.headers) == start:
                return start  # nothing is missing
            files.remove(part)
            raise Broken("what was there was longer than the file") from error
        if error.code in PASSING:
            raise Broken(f"HTTP {error.code} {error.reason}", _seconds(error.headers)) from error
        cure = "fetch the file by hand from the benchmark's page, or name a --mirror"
        raise InputError(address, f"HTTP {error.code} {error.reason}", cure) from error
    except urllib.error.URLError as error:
        raise Broken(f"no connection ({error.reason})") from error
    except (http.client.HTTPException, ConnectionError, TimeoutError) as error:
        raise Broken(f"no answer ({type(error).__name__})") from error


def _receive(response: http.client.HTTPResponse, part: str, start: int) -> None:
    length = response.headers.get("Content-Length")
    expected = int(length) if length else None
    name = os.path.basename(part).removesuffix(PART)
    progress, received = Progress(name, expected or 0), 0
    try:
        with open(part, "ab" if start else "wb") as file:
            while block := _read(response):
                file.write(block)
                received += len(block)
                progress.advance(len(block))
    finally:
        progress.close()
    # Reading block by block, Python takes an early end for the end.
    if expected is not None and received < expected:
        raise Broken(f"the connection broke after {start + received:,} bytes")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(BLOCK)
    except (OSError, http.client.HTTPException) as error:  # not the disk's: it is not written here
        raise Broken(f"the connection broke ({type(error).__name__})") from error


def _length(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0


def _first_byte(headers: email.message.Message) -> int | None:
    """`Content-Range: bytes 100-199/200` -> 100."""
    value = headers.get("Content-Range", "").removeprefix("bytes").strip()
    first = value.split("-")[0]
    return int(first) if first.isdecimal() else None


def _total(headers: email.message.Message) -> int | None:
    """`Content-Range: bytes */200` -> 200."""
    last = headers.get("Content-Range", "").rpartition("/")[2]
    return int(last) if last.isdecimal() else None


def _seconds(headers: email.message.Message) -> float:
    """What `Retry-After` asks for, if it asks in seconds."""
    value = headers.get("Retry-After", "")
    return float(value) if value.isdecimal() else 0.0
