"""Ctrl-C and SIGTERM: acknowledged at once, obeyed at the next safe place."""

import contextlib
import os
import signal
import threading
from collections.abc import Callable, Iterator

from kortf.interruption import EXIT_STATUS

# Seconds that work may take which nothing is lost by, before the process ends all the same.
GRACE_SECONDS = 3.0


class Abandoned(BaseException):
    """A signal came in a block that may be given up."""


class StopRequest:
    """Watch for signals inside a `with` block.

    Python runs its own handlers between bytecodes only, so a long kernel or a compilation delays
    them. A thread therefore reads the signals as they come and acknowledges them.

    A second signal ends the process at once.

    Args:
        say: Prints a line.

    Attributes:
        signal: Number of the signal that came, or None.
        replaceable: Set while work is done that a checkpoint already covers: the process then ends
            `GRACE_SECONDS` after a signal even if the work cannot be interrupted.
    """

    def __init__(self, say: Callable[[str], None] = lambda text: None):
        self.signal: int | None = None
        self.replaceable = False
        self._say = say
        self._abandonable = False
        self._timer: threading.Timer | None = None

    def __enter__(self) -> "StopRequest":
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            self._reader, self._writer = os.pipe()
            os.set_blocking(self._writer, False)
            self._former_writer = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
            self._thread = threading.Thread(target=self._watch, name="signals", daemon=True)
            self._thread.start()
            for number in EXIT_STATUS:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *unused) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._before:
            signal.set_wakeup_fd(self._former_writer)
            os.close(self._writer)  # ends the thread
            self._thread.join()
            os.close(self._reader)
        if self._timer is not None:
            self._timer.cancel()

    @property
    def status(self) -> int:
        """Exit status of the process: 0 when no signal came."""
        return EXIT_STATUS.get(self.signal, 0)

    @contextlib.contextmanager
    def abandonable(self, active: bool = True) -> Iterator[None]:
        """Run a block that changes nothing the run needs; a signal ends it with `Abandoned`.

        Args:
            active: False runs the block as any other.
        """
        self._abandonable = active
        try:
            if active and self.signal is not None:
                raise Abandoned
            yield
        finally:
            self._abandonable = False

    def _note(self, number, frame) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
        if self._abandonable:
            raise Abandoned

    def _watch(self) -> None:
        while data := os.read(self._reader, 16):
            for number in filter(EXIT_STATUS.__contains__, data):
                if self._timer is None:
                    name = signal.Signals(number).name
                    self._say(f"{name}: ending with a checkpoint; a second signal ends at once")
                    self._end_after(GRACE_SECONDS, number, lambda: self.replaceable)
                else:
                    self._end_after(1.0, number, lambda: True)

    def _end_after(self, seconds: float, number: int, still: Callable[[], bool]) -> None:
        def end():
            if still():
                os._exit(EXIT_STATUS[number])

        self._timer = threading.Timer(seconds, end)
        self._timer.daemon = True
        self._timer.start()
