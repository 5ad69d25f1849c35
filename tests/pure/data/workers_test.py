"""Worker processes: as many as the text is worth, and what ends them."""

import errno
import os
import signal

import pytest

from kortf.data import workers
from kortf.errors import InputError


@pytest.mark.parametrize(
    "size, number", [(0, 1), ((4 << 20) - 1, 1), (4 << 20, 2), (9 << 20, 3), (1 << 40, 8)]
)
def test_little_text_gets_few_processes(size, number, monkeypatch):
    monkeypatch.setattr(workers, "cores", lambda: 8)
    assert workers.worker_count(size) == number


class Builder:
    """Builds shard 0, refuses shard 1 and dies of shard 2."""

    def __init__(self, directory, advance):
        self.directory, self.advance = directory, advance

    def build(self, number):
        if number == 1:
            raise InputError("a.txt, line 3", "not UTF-8", "convert it")
        if number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        self.advance(7, 1, 3)


@pytest.mark.parametrize(
    "number, place, problem",
    [(1, "a.txt, line 3", "not UTF-8"), (2, workers.WORKER, "was killed by SIGKILL")],
)
def test_a_worker_that_fails_ends_all_with_its_error(number, place, problem):
    told = []
    with pytest.raises(InputError) as caught:
        workers.run_jobs(
            [(0,), (number,)], {"directory": "records"}, 1, lambda *n: told.append(n), Builder
        )
    assert caught.value.parts[:2] == (place, problem)
    assert told == [(7, 1, 3)]  # of the shard before
    # Only a worker that died leaves shards that the same command continues from.
    assert workers.is_resumable(caught.value) is (number == 2)


class Unpicklable(Exception):
    def __init__(self, first, second):
        super().__init__(first)


def test_errors_travel_between_processes():
    error = InputError("a", "b", "c")
    assert workers.portable(error, "records") is error
    full = workers.portable(OSError(errno.ENOSPC, "No space left on device"), "records")
    assert (full.errno, full.filename) == (errno.ENOSPC, "records")
    named = OSError(errno.ENOSPC, "No space left on device", "a.txt")
    assert workers.portable(named, "records").filename == "a.txt"
    try:
        raise Unpicklable("why", 2)
    except Unpicklable as error:
        other = workers.portable(error, "records")
    assert type(other) is RuntimeError and "Unpicklable: why" in str(other)
