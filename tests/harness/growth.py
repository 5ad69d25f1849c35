"""How the time of a call grows with the length of its input."""

import time

# Seconds a character: below it nothing is quadratic yet.
LEAST_SECONDS = 3e-6
TURNS = 5


def is_quadratic(run, short, long) -> bool:
    """Return whether `run` takes more than linear time from `short` to `long`.

    Linear time grows as the length, quadratic time as its square; the limit lies in the middle.
    The least times of some turns are compared, because other work on a machine only adds time.
    """
    times = {id(short): float("inf"), id(long): float("inf")}
    for _ in range(TURNS):
        for text in (long, short):
            times[id(text)] = min(times[id(text)], _seconds(run, text))
        if times[id(long)] < LEAST_SECONDS * len(long):
            return False
    return times[id(long)] > (len(long) / len(short)) ** 1.5 * times[id(short)]


def _seconds(run, text) -> float:
    began = time.process_time()
    run(text)
    return time.process_time() - began
