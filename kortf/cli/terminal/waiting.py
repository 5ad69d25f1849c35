"""Show on stderr that a long step is running, and for how long."""

import contextlib
import sys
import threading
import time
from collections.abc import Iterator

_FIRST, _TERMINAL_EVERY, _LOG_EVERY = 3.0, 1.0, 30.0


@contextlib.contextmanager
def waiting(text: str) -> Iterator[None]:
    """Print `text` and the elapsed seconds while the block runs.

    On a terminal one line is updated from three seconds on; elsewhere a line is added every half
    minute, so that the one line of an error stays alone in a short run.
    """
    done = threading.Event()
    thread = threading.Thread(target=_show, args=(text, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _show(text: str, done: threading.Event) -> None:
    began, live, shown = time.monotonic(), sys.stderr.isatty(), 0
    pause = _FIRST if live else _LOG_EVERY
    while not done.wait(pause):
        line = f"{text}: {time.monotonic() - began:.0f} s"
        print(f"\r{line}" if live else line, end="" if live else "\n", file=sys.stderr, flush=True)
        shown, pause = len(line), _TERMINAL_EVERY if live else _LOG_EVERY
    if live and shown:
        print(f"\r{' ' * shown}\r", end="", file=sys.stderr, flush=True)


class Counter:
    """Count finished rows on stderr, at most once a second on a terminal, else every half minute.

    Args:
        what: Name of the rows, such as `rows`.
    """

    def __init__(self, what: str):
        self.what, self.count = what, 0
        self._live = sys.stderr.isatty() and not sys.stdout.isatty()
        self._began = time.monotonic()
        self._last = self._began

    def add(self, count: int) -> None:
        """Count finished rows."""
        self.count += count
        now = time.monotonic()
        if now - self._last < (_TERMINAL_EVERY if self._live else _LOG_EVERY):
            return
        self._last = now
        rate = self.count / (now - self._began)
        line = f"{self.count:,} {self.what}, {rate:,.0f} a second"
        begin, end = ("\r", "") if self._live else ("", "\n")
        print(f"{begin}{line}  ", end=end, file=sys.stderr, flush=True)

    def close(self) -> None:
        """End the line."""
        if self._live and self._last > self._began:
            print(file=sys.stderr)
