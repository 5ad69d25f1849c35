"""Reports of a worker that leaves them to the chief."""

import sys

from kortf.train.loop.progress import Progress
from kortf.train.tracking.tracker import Tracker


class Silence(Progress):
    """Writes no files, and prints only messages that concern this process."""

    def __init__(
        self, workdir: str, steps: int, first_step: int = 0, tracker: Tracker | None = None
    ):
        del workdir, steps, first_step, tracker
        self.tracker = Tracker()

    def step(self, step: int) -> None:
        """Do nothing."""

    def live(self, text: str) -> None:
        """Do nothing."""

    def train(self, *values) -> None:
        """Do nothing."""

    def evaluation(self, *values) -> None:
        """Do nothing."""

    def warn(self, *values) -> None:
        """Do nothing."""

    def say(self, text: str) -> None:
        """Print a line."""
        print(text, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Do nothing."""
