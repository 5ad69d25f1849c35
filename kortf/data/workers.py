"""Run jobs in worker processes, and stop them all when one fails."""

import errno
import multiprocessing
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from typing import Any

from kortf.cores import cores
from kortf.errors import InputError
from kortf.quiet import without_stderr
from kortf.text.vocabulary.vocabulary import Vocabulary

# Number of a shard, and the other arguments of its builder, such as its pieces.
Job = tuple


_BYTES_A_WORKER = 4 << 20  # less than a second of work


def worker_count(size: int) -> int:
    """Return the default number of processes: one a core, fewer for little text.

    Each process starts TensorFlow, which takes several seconds.

    Args:
        size: Bytes of the text.
    """
    return min(cores(), 1 + size // _BYTES_A_WORKER)


def run_jobs(
    jobs: list[Job],
    builder_arguments: dict[str, Any],
    workers: int,
    advance: Callable,
    make_builder: Callable | None = None,
) -> None:
    """Build shards in worker processes, in the order of `jobs`.

    Args:
        jobs: Number and pieces of each shard, the largest first.
        builder_arguments: Arguments of `make_builder`; they include `directory`.
        workers: Number of processes.
        advance: Called with (bytes, documents, tokens) from time to time.
        make_builder: Returns an object with `build(*job)` in each process; a builder of shards of
            records by default.

    Raises:
        InputError: A worker found a fault in the input, or died; all others are terminated.
        OSError: Such as a full disk.
    """
    context = multiprocessing.get_context("spawn")  # TensorFlow does not survive a fork
    processes: dict[Connection, multiprocessing.Process] = {}
    waiting = list(reversed(jobs))
    try:
        for _ in range(min(workers, len(jobs))):
            ours, theirs = context.Pipe()
            work = (theirs, builder_arguments, make_builder or records_builder)
            process = context.Process(target=_work, args=work, daemon=True)
            process.start()
            theirs.close()  # the pipe then ends with the process
            processes[ours] = process
            ours.send(waiting.pop())
        while processes:
            for connection in wait(list(processes)):
                _listen(connection, processes, waiting, advance)
    finally:
        for connection, process in processes.items():
            process.terminate()
            process.join()
            connection.close()


def _listen(connection: Connection, processes: dict, waiting: list[Job], advance: Callable) -> None:
    try:
        kind, value = connection.recv()
    except (EOFError, ConnectionError):
        process = processes.pop(connection)
        process.join()
        raise _death(process.exitcode) from None
    if kind == "advance":
        advance(*value)
    elif kind == "failed":
        raise value
    elif waiting:
        connection.send(waiting.pop())
    else:
        connection.send(None)
        processes.pop(connection).join()
        connection.close()


# Place of the error when a worker process has died.
WORKER = "a worker process"


def is_resumable(error: InputError) -> bool:
    """Return whether the same command continues with the finished work after an error."""
    return error.parts[0].startswith((WORKER, "--runner"))


def _death(exitcode: int | None) -> InputError:
    cure = "run the same command again: finished shards are kept"
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        if name == "SIGKILL":
            cure = f"if memory ran out, lower --workers; {cure}"
        return InputError(WORKER, f"was killed by {name}", cure)
    return InputError(WORKER, f"exited with status {exitcode}", cure)


def _work(
    connection: Connection, builder_arguments: dict[str, Any], make_builder: Callable
) -> None:
    """Build shard after shard, until the first process says stop or is gone."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches all processes; the first one terminates us
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # tokenizing must not occupy an accelerator
    try:
        arguments = {**builder_arguments, "advance": lambda *n: connection.send(("advance", n))}
        with without_stderr():  # log lines of TensorFlow while it loads
            builder = make_builder(**arguments)
        while (job := connection.recv()) is not None:
            builder.build(*job)
            connection.send(("done", job[0]))
    except (EOFError, ConnectionError):
        sys.exit(1)  # the first process is gone
    except Exception as error:
        connection.send(("failed", portable(error, builder_arguments["directory"])))


def records_builder(vocabulary: Vocabulary, **arguments):
    """Return the `ShardBuilder` of a worker.

    Args:
        vocabulary: Vocabulary of the tokenizer.
        arguments: Other arguments of `ShardBuilder`.
    """
    from kortf.data.records.shard_builder import ShardBuilder

    return ShardBuilder(vocabulary=vocabulary, **arguments)


def portable(error: Exception, directory: str) -> Exception:
    """Return an error that can be pickled; a full disk is an OSError in `directory`."""
    full = "No space left" in str(error) or getattr(error, "errno", None) == errno.ENOSPC
    if full and not getattr(error, "filename", None):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), directory)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"in a worker process:\n{traceback.format_exc()}")
    return error
