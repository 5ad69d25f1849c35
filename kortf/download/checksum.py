"""Compare a file with the published one."""

import hashlib
import os

from kortf.download.source import Published


def digests(path: str) -> tuple[str, str]:
    """Return SHA-256 and git blob id of a file, in hexadecimal.

    Example: a file that holds "굳 ㅋ" in UTF-8
        >>> digests("review.txt")
        ('ec73c5…', '1ccf68…')
    """
    sha256, blob = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    blob.update(f"blob {os.path.getsize(path)}\0".encode())
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sha256.update(block)
            blob.update(block)
    return sha256.hexdigest(), blob.hexdigest()


def difference(path: str, file: Published, noted: str | None = None) -> str:
    """Return the difference between a file and the published one; empty if there is none.

    Args:
        path: Local file.
        file: Published file.
        noted: SHA-256 recorded when it was fetched, for a file without a published one.
    """
    if file.bytes is not None and os.path.getsize(path) != file.bytes:
        return f"{os.path.getsize(path):,} bytes, not {file.bytes:,}"
    sha256, blob = digests(path)
    expected = file.sha256 or noted
    if expected is not None and sha256 != expected:
        return f"its SHA-256 is {sha256[:12]}…, not {expected[:12]}…"
    if blob != file.git_blob:
        return f"its git blob id is {blob[:12]}…, not {file.git_blob[:12]}…"
    return ""
