"""Ctrl-C and SIGTERM end a verb in one line, whatever it is doing."""

import contextlib
import signal
import threading
from collections.abc import Iterator

# The status that a shell gives a process which the signal ended.
EXIT_STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}


@contextlib.contextmanager
def interruptible() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt for SIGINT and SIGTERM inside a `with` block.

    Work that can be resumed replaces these handlers while it runs. A signal that the caller of the
    process ignores stays ignored.

    Yields:
        Numbers of the signals that came. A KeyboardInterrupt inside of the import of a C extension
        reaches the caller as another exception.
    """
    came: list[int] = []

    def interrupt(number, frame):
        came.append(number)
        raise KeyboardInterrupt

    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in EXIT_STATUS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
