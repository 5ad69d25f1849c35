"""The reports of a worker that leaves them to the chief."""

import sys

from kortf.train.loop.progress import Progress


class Silence(Progress):
    """Writes nothing, and prints only what concerns this process itself.

    Args:
        workdir: not used.
        steps: not used.
        first_step: not used.
    """

    def __init__(self, workdir: str, steps: int, first_step: int = 0):
        del workdir, steps, first_step

    def train(self, *values) -> None:
        """Nothing."""

    def evaluation(self, *values) -> None:
        """Nothing."""

    def warn(self, *values) -> None:
        """Nothing."""

    def say(self, text: str) -> None:
        """Prints a line."""
        print(text, file=sys.stderr, flush=True)
