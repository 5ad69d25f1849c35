"""How the time of a call grows with the length of its input."""

import time

TURNS = 5


def is_quadratic(run, short, long, least: float) -> bool:
    """Return whether `run` takes more than linear time from `short` to `long`.

    Linear time grows as the length, quadratic time as its square; the limit lies in the middle.
    The least times of some turns are compared, because other work on a machine only adds time.

    Args:
        run: Function of an input.
        short: A short input.
        long: The same, some times as long.
        least: Seconds; a shorter time of the long input is never quadratic.
    """
    of_long = of_short = float("inf")
    for _ in range(TURNS):
        of_long, of_short = min(of_long, _seconds(run, long)), min(of_short, _seconds(run, short))
        if of_long < least:
            return False
    return of_long > (len(long) / len(short)) ** 1.5 * of_short


def _seconds(run, text) -> float:
    began = time.process_time()
    run(text)
    return time.process_time() - began
