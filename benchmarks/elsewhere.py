"""Work in a process of its own, done when asked: rivals whose libraries do not bear each other."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence

READY = "ready"


@contextlib.contextmanager
def elsewhere(command: Sequence[str]) -> Iterator[Callable[[], None]]:
    """Starts a command that ends in `serve`; the function does its work once and waits for it.

    Raises:
        SystemExit: the process has ended.
    """
    process = subprocess.Popen(
        [sys.executable, *command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )

    def wait() -> None:
        for line in process.stdout:
            if line.strip() == READY:
                return
        sys.exit(f"{' '.join(command)} ended with status {process.wait()}")

    def work() -> None:
        print(flush=True, file=process.stdin)
        wait()

    try:
        wait()
        yield work
    finally:
        process.kill()
        process.wait()


def serve(work: Callable[[], None]) -> None:
    """Does the work for each line that `elsewhere` sends, to the end of them."""
    print(READY, flush=True)
    for _ in sys.stdin:
        work()
        print(READY, flush=True)
