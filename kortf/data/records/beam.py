"""Make shards with an Apache Beam pipeline, on one machine or on many."""

import contextlib
import io
import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from kortf import files
from kortf.data import workers
from kortf.data.corpus.text_file import TextFile
from kortf.data.records import plan
from kortf.data.records.shard_counts import ShardCounts
from kortf.errors import InputError
from kortf.quiet import without_stderr

# Error of a worker that the user has to correct. It is removed like any leftover.
ERROR_FILE = ".records-error.tmp"
DIRECT = "DirectRunner"

# Beam's own DirectRunner would first try to download another runner.
_IN_PYTHON = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"
_builders = threading.local()


class BeamRunner:
    """Run pipelines.

    Args:
        name: Name in Beam: `DirectRunner`, `FlinkRunner`, `SparkRunner`, `DataflowRunner` ….
        options: Options of the runner, such as `--flink_master=host:8081`.
        workers: Number of processes of the DirectRunner; up to 1, it runs in this process.

    Raises:
        InputError: Beam is not installed, or has no such runner or option.
    """

    def __init__(self, name: str, options: list[str], workers: int = 0):
        _import_beam()
        self.name = name
        if name == DIRECT and workers > 1:
            options = [
                "--direct_running_mode=multi_processing",
                f"--direct_num_workers={workers}",
                *options,
            ]
        self._options = _parse(name, options)
        self._runner = _create(name)
        self._pipeline()  # raises at once if options are missing

    def unpack(self, text_files: list[TextFile], spool: str, directory: str) -> None:
        """Unpack or convert files into `spool`, one file an element.

        Args:
            text_files: All files.
            spool: Directory of unpacked files, which every worker must reach.
            directory: Directory in which workers record an error.
        """
        packed = [
            (number, file) for number, file in enumerate(text_files) if file.needs_unpacking()
        ]
        if packed:
            self._run(packed, Unpacking(spool), directory)

    def run_jobs(self, jobs: list[workers.Job], builder_arguments: dict[str, Any]) -> None:
        """Make shards, one an element.

        Args:
            jobs: Number and pieces of each shard.
            builder_arguments: Arguments as `workers.run_jobs` takes them.

        Raises:
            InputError: A worker found a fault in the input, or the pipeline failed.
            OSError: Such as a full disk.
        """
        self._run(jobs, Building(builder_arguments), builder_arguments["directory"])

    def _run(self, elements: list, work: Callable, directory: str) -> None:
        import apache_beam as beam

        note = os.path.join(directory, ERROR_FILE)
        files.remove(note)
        pipeline = self._pipeline()
        created = pipeline | "plan" >> beam.Create(elements)
        # Otherwise the elements of one bundle would stay on one worker.
        _ = created | "spread" >> beam.Reshuffle() | "make" >> beam.Map(Reporting(work, note))
        state = None
        failure = None
        try:
            state = pipeline.run().wait_until_finish()
        except Exception as error:
            failure = error
        if files.exists(note):
            error = read_error(note)
            files.remove(note)
            raise error from failure
        if failure is not None and self.name == DIRECT:
            raise failure
        if failure is not None or state not in (None, "DONE"):
            # The log of the pipeline has the details.
            reason = (str(failure).strip() or type(failure).__name__).splitlines()[0]
            problem = f"the pipeline ended as {state}" if failure is None else reason
            cure = "see its log, and run the same command again: finished shards are kept"
            raise InputError(f"--runner={self.name}", problem, cure) from failure

    def _pipeline(self):
        import apache_beam as beam

        try:
            return beam.Pipeline(runner=self._runner, options=self._options)
        except ValueError as error:
            cure = "give its options behind --"
            raise InputError(f"--runner={self.name}", str(error), cure) from error


class Unpacking:
    """Unpack one file; an element is `(number, TextFile)`."""

    def __init__(self, spool: str):
        self.spool = spool

    def __call__(self, element: tuple[int, TextFile]) -> None:
        plan.unpack_file(*element, self.spool, lambda size: None)


class Building:
    """Make one shard; an element is `(number, pieces)`.

    Args:
        arguments: Arguments as `workers.run_jobs` takes them.
    """

    def __init__(self, arguments: dict[str, Any]):
        self.arguments = arguments

    def __call__(self, job: workers.Job) -> None:
        directory, count = self.arguments["directory"], self.arguments["settings"].shards
        if ShardCounts.read(directory, job[0], count) is None:  # Beam may hand out an element twice
            self._builder().build(*job)

    def _builder(self):
        """Return the builder of this thread, which takes seconds to make."""
        if getattr(_builders, "arguments", None) != self.arguments:
            with without_stderr():
                _builders.builder = workers.records_builder(**self.arguments, advance=_count)
            _builders.arguments = self.arguments
        return _builders.builder


class Reporting:
    """Do a piece of work, and record an error that the user has to correct.

    Beam would retry on the exception and print pages of tracebacks.

    Args:
        work: Function of an element.
        note: Path of the recorded error.
    """

    def __init__(self, work: Callable, note: str):
        self.work = work
        self.note = note

    def __call__(self, element) -> None:
        if files.exists(self.note):
            return
        try:
            self.work(element)
        except KeyboardInterrupt:  # Ctrl-C, where the pipeline runs in the first process
            files.write_json(self.note, {"interrupted": True})
        except Exception as error:
            error = workers.portable(error, os.path.dirname(self.note))
            if isinstance(error, InputError):
                told = {"parts": error.parts}
            elif isinstance(error, OSError) and error.errno is not None:
                told = {"errno": error.errno, "file": error.filename}
            else:
                raise
            with contextlib.suppress(OSError):  # a full disk may have no room for this either
                files.write_json(self.note, told)
                return
            raise


def read_error(note: str) -> BaseException:
    """Return the error that a worker recorded."""
    told = files.read_json(note)
    if "interrupted" in told:
        return KeyboardInterrupt()
    if "parts" in told:
        return InputError(*told["parts"])
    return OSError(told["errno"], os.strerror(told["errno"]), told["file"])


def _count(size: int, documents: int, tokens: int) -> None:
    """Add to the counters that runners show."""
    from apache_beam.metrics import Metrics

    for name, number in (("bytes", size), ("documents", documents), ("tokens", tokens)):
        Metrics.counter("kortf", name).inc(number)


def _parse(name: str, options: list[str]):
    """Return the `PipelineOptions`, if Beam accepts them.

    Beam passes options that it does not know to runners other than its own.
    """
    from apache_beam.options.pipeline_options import PipelineOptions

    cure = "correct what follows --"
    said = io.StringIO()
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stderr(said):
            parsed = PipelineOptions(options)
            known = parsed.get_all_options()
            given = parsed.get_all_options(retain_unknown_options=True)
    except SystemExit as error:  # argparse exits on an error
        problem = said.getvalue().strip().splitlines()[-1].rpartition("error: ")[2]
        raise InputError(f"--runner={name}", problem, cure) from error
    finally:
        logging.disable(logging.NOTSET)
    for option in given.keys() - known.keys() if name == DIRECT else ():
        raise InputError(f"--runner={name}", f"it has no option --{option}", cure)
    return parsed


def _create(name: str):
    from apache_beam.runners import runner

    try:
        return runner.create_runner(_IN_PYTHON if name == DIRECT else name)
    except ImportError as error:
        cure = "install what it needs, such as 'apache-beam[gcp]'"
        raise InputError(f"--runner={name}", str(error), cure) from error
    except (ValueError, AttributeError) as error:
        cure = "choose DirectRunner, FlinkRunner, SparkRunner or DataflowRunner"
        raise InputError(f"--runner={name}", "there is no such runner", cure) from error


def _import_beam() -> None:
    logging.disable(logging.WARNING)  # about optional parts that are missing
    try:
        import apache_beam  # noqa: F401
    except ImportError as error:
        problem = f"Apache Beam cannot be imported ({error})"
        raise InputError("--runner", problem, "pip install 'kortf[beam]'") from error
    finally:
        logging.disable(logging.NOTSET)
