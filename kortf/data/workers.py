"""Worker processes that make shards or other files, and the watch over them."""

import contextlib
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

from kortf.errors import InputError
from kortf.quiet import without_stderr
from kortf.text.vocabulary.vocabulary import Vocabulary

# The number of a shard, and its pieces or whatever else its builder takes.
Job = tuple


def cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))  # fewer than there are, in a container
    except AttributeError:
        return os.cpu_count() or 1


def run_jobs(
    jobs: list[Job],
    builder_arguments: dict[str, Any],
    workers: int,
    advance: Callable,
    make_builder: Callable | None = None,
) -> None:
    """Makes shards in worker processes, the largest first as they stand in `jobs`.

    Args:
        jobs: number and pieces of each shard.
        builder_arguments: `text_files`, `vocabulary`, `settings`, `directory`, `key`; for another
            builder what that takes, `directory` among it.
        workers: number of processes.
        advance: told (bytes, documents, tokens) now and then.
        make_builder: called with the arguments in each process, gives what has `build(*job)`; a
            builder of records' shards by default.

    Raises:
        InputError: what a worker met in the input, or that one died; all others are ended.
        OSError: such as a full disk.
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
            theirs.close()  # so that the end of the process is the end of the pipe
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


def _death(exitcode: int | None) -> InputError:
    cure = "run the same command again: finished shards are kept"
    if exitcode is not None and exitcode < 0:
        name = signal.Signals(-exitcode).name
        if name == "SIGKILL":
            cure = f"if memory ran out, lower --workers; {cure}"
        return InputError(WORKER, f"was ended by {name}", cure)
    return InputError(WORKER, f"ended with status {exitcode}", cure)


def _work(
    connection: Connection, builder_arguments: dict[str, Any], make_builder: Callable
) -> None:
    """The life of a worker: shard after shard, until it is told to stop or is alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the first process ends us
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # tokenising needs no accelerator, and must take none
    try:
        arguments = {**builder_arguments, "advance": lambda *n: connection.send(("advance", n))}
        with without_stderr():  # what TensorFlow says while it loads
            builder = make_builder(**arguments)
        while (job := connection.recv()) is not None:
            builder.build(*job)
            connection.send(("done", job[0]))
    except (EOFError, ConnectionError):
        sys.exit(1)  # the first process is gone
    except Exception as error:
        connection.send(("failed", portable(error, builder_arguments["directory"])))


def records_builder(vocabulary: Vocabulary, **arguments):
    """The `ShardBuilder` of a worker; arguments as `run_jobs` takes them, and `advance`."""
    import tensorflow as tf  # here: the first process never loads it

    # One thread a worker: the work is divided by shards.
    with contextlib.suppress(RuntimeError):  # it is in use already, and keeps its threads
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    from kortf.data.records.shard_builder import ShardBuilder
    from kortf.text.tokenizer.tokenizer import Tokenizer

    tf.constant(0)  # the rest of TensorFlow starts with the first tensor
    return ShardBuilder(tokenizer=Tokenizer(vocabulary), **arguments)


def portable(error: Exception, directory: str) -> Exception:
    """The error as it can travel to another process; a full disk is an OSError in `directory`."""
    full = "No space left" in str(error) or getattr(error, "errno", None) == errno.ENOSPC
    if full and not getattr(error, "filename", None):
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), directory)
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(f"in a worker process:\n{traceback.format_exc()}")
    return error
