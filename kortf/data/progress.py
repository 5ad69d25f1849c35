"""A progress line on stderr."""

import sys
import time

from kortf.duration import duration

_TERMINAL_SECONDS = 0.5
_LOG_SECONDS = 15.0
_BAR_WIDTH = 24


class Progress:
    """Count bytes, documents and tokens, and show them with the speed and the time left.

    On a terminal one line with a bar is rewritten; elsewhere a plain line is written from time to
    time.

    Args:
        label: Name of the work.
        total: Number of bytes to do; 0 if unknown.
        stream: Output stream; stderr by default.
    """

    def __init__(self, label: str, total: int, stream=None):
        self._label = label
        self._total = total
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._bytes = self._documents = self._tokens = 0
        self._started = self._shown = time.monotonic()
        self._width = 0

    def advance(self, size: int, documents: int = 0, tokens: int = 0) -> None:
        """Add to the counts, and show them if it is time."""
        if self._bytes == 0:
            # Workers take seconds to start, which is not their speed.
            self._started = self._shown = time.monotonic()
        self._bytes += size
        self._documents += documents
        self._tokens += tokens
        now = time.monotonic()
        if now - self._shown >= (_TERMINAL_SECONDS if self._terminal else _LOG_SECONDS):
            self._shown = now
            self._show(self.line(now - self._started))

    def line(self, seconds: float) -> str:
        """Return the progress line.

        Example: 50 of 100 MB, 1,000 documents and 9,000,000 tokens in 2 s:
            "records 50 %, 25.0 MB/s, 1,000 documents, 9.0M tokens, 2 s left"
        """
        share = f" {100 * self._bytes / self._total:.0f} %" if self._total else ""
        parts = [self._label + share, f"{self._bytes / max(seconds, 1e-9) / 1e6:.1f} MB/s"]
        if self._documents:
            parts.append(f"{self._documents:,} documents")
        if self._tokens:
            parts.append(f"{self._tokens / 1e6:.1f}M tokens")
        if 0 < self._bytes < self._total:
            left = seconds * (self._total - self._bytes) / self._bytes
            parts.append(f"{duration(round(left))} left")
        return ", ".join(parts)

    def close(self) -> None:
        """Clear the line of a terminal."""
        if self._terminal and self._width:
            self._stream.write("\r" + " " * self._width + "\r")
            self._stream.flush()

    def _bar(self) -> str:
        if not self._total:
            return ""
        done = _BAR_WIDTH * min(self._bytes, self._total) // self._total
        return f"[{'#' * done}{'.' * (_BAR_WIDTH - done)}] "

    def _show(self, line: str) -> None:
        if self._terminal:
            line = self._bar() + line
            self._stream.write("\r" + line.ljust(self._width))
            self._width = len(line)
        else:
            self._stream.write(line + "\n")
        self._stream.flush()
