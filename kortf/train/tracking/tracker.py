"""The interface through which a run reports to a tracking service."""

from collections.abc import Callable
from typing import Any


class Tracker:
    """Receives what a run writes; this one does nothing. No method may stop a training."""

    def begin(self, path: str, say: Callable[[str], None]) -> None:
        """Start or continue the service's run.

        Args:
            path: Path of `metrics.jsonl`, with the lines of the run so far.
            say: Prints a line.
        """

    def log(self, line: dict[str, Any]) -> None:
        """Take a line that was added to `metrics.jsonl`."""

    def end(self, status: str) -> None:
        """Send the remaining lines and the results.

        Args:
            status: `FINISHED`, `FAILED` or `KILLED`.
        """
