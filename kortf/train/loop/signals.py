"""Ctrl-C and SIGTERM end a run after the step at hand, with a checkpoint."""

import signal
import threading

# What a shell gives a process that the signal ended: a supervisor sees that nothing failed.
EXIT_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}


class StopRequest:
    """Watches for a signal; inside `with`, `signal` says which one came, or None.

    A second Ctrl-C ends the process at once.
    """

    def __init__(self):
        self.signal: int | None = None

    def __enter__(self) -> "StopRequest":
        self._before = {}
        if threading.current_thread() is threading.main_thread():
            for number in EXIT_STATUS:
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *unused) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @property
    def status(self) -> int:
        """Exit status of the process: 0 when no signal came."""
        return EXIT_STATUS.get(self.signal, 0)

    def _note(self, number, frame) -> None:
        if self.signal is not None:
            raise KeyboardInterrupt
        self.signal = number
