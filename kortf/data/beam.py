"""Run jobs as an Apache Beam pipeline, on one machine or on many."""

import contextlib
import io
import logging
import os
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from kortf import files
from kortf.data import workers
from kortf.data.corpus.text_file import TextFile
from kortf.data.records import plan
from kortf.errors import InputError
from kortf.quiet import without_stderr

# Error of a worker that the user has to correct. It is removed like any leftover.
ERROR_FILE = ".records-error.tmp"
DIRECT = "DirectRunner"
DASK = "DaskRunner"

# Classes of runners. Beam's own DirectRunner would first try to download another runner, and Beam
# does not know DaskRunner by its short name.
_CLASSES = {
    DIRECT: "apache_beam.runners.portability.fn_api_runner.FnApiRunner",
    DASK: "apache_beam.runners.dask.dask_runner.DaskRunner",
}
_DASK_SIZES = ("--dask_partition_size", "--dask_npartitions")
_builders = threading.local()


class BeamRunner:
    """Run pipelines.

    Args:
        name: Name in Beam: `DirectRunner`, `DaskRunner`, `FlinkRunner`, `SparkRunner`,
            `DataflowRunner` ….
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
        elif name == DASK and not any(option.startswith(_DASK_SIZES) for option in options):
            # Otherwise one worker gets 128 elements, each of which is minutes of work.
            options = ["--dask_partition_size=1", *options]
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
            self.run(packed, [Unpacking(spool)], directory)

    def run_jobs(
        self,
        jobs: list[workers.Job],
        builder_arguments: dict[str, Any],
        make_builder: Callable = workers.records_builder,
    ) -> None:
        """Do jobs, one an element.

        Args:
            jobs: Jobs as `workers.run_jobs` takes them.
            builder_arguments: Arguments as `workers.run_jobs` takes them.
            make_builder: Returns an object with `is_done(number)`, and `build(*job)`, which writes
                its files atomically.

        Raises:
            InputError: A worker found a fault in the input, or the pipeline failed.
            OSError: Such as a full disk.
        """
        work = Building(builder_arguments, make_builder)
        self.run(jobs, [work], builder_arguments["directory"])

    def run(self, elements: list, steps: Sequence[Callable], directory: str) -> None:
        """Apply steps to elements. Between two steps, results are grouped by their key.

        Args:
            elements: Inputs of the first step.
            steps: Functions that pickle can carry. Each but the last returns a list of
                `(key, value)` with integer keys; each but the first takes `(key, values)`, with the
                values in any order.
            directory: Directory in which workers record an error.

        Raises:
            InputError: A worker found a fault in the input, or the pipeline failed.
            OSError: Such as a full disk.
        """
        import apache_beam as beam

        note = os.path.join(directory, ERROR_FILE)
        files.remove(note)
        pipeline = self._pipeline()
        created = pipeline | "plan" >> beam.Create(elements)
        # Otherwise the elements of one bundle would stay on one worker.
        results = created | "spread" >> beam.Reshuffle()
        for number, step in enumerate(steps[:-1]):
            results |= f"step {number}" >> beam.FlatMap(Reporting(step, note))
            results |= f"group {number}" >> beam.GroupByKey()
        _ = results | "make" >> beam.Map(Reporting(steps[-1], note))
        self._finish(pipeline, note)

    def _finish(self, pipeline, note: str) -> None:
        """Run a pipeline, and raise the error that a worker has recorded."""
        state = None
        failure = None
        try:
            result = pipeline.run()
            try:
                state = result.wait_until_finish()
            finally:
                if self.name == DASK:
                    result.client.close()  # the cluster then forgets the jobs
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
    """Do one job; an element is a job.

    Args:
        arguments: Arguments as `workers.run_jobs` takes them.
        make_builder: As `BeamRunner.run_jobs` takes it.
    """

    def __init__(self, arguments: dict[str, Any], make_builder: Callable):
        self.arguments = arguments
        self.make_builder = make_builder
        self.name = uuid.uuid4().hex  # the same in every copy that a worker unpickles

    def __call__(self, job: workers.Job) -> None:
        builder = self._builder()
        if not builder.is_done(job[0]):  # Beam may hand out an element twice
            builder.build(*job)

    def _builder(self):
        """Return the builder of this thread, which may take seconds to make."""
        if getattr(_builders, "name", None) != self.name:
            with without_stderr():
                _builders.builder = self.make_builder(**self.arguments, advance=_count)
            _builders.name = self.name
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

    def __call__(self, element) -> list:
        """Return the results of the work; none after an error."""
        if files.exists(self.note):
            return []
        try:
            return self.work(element) or []
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
                return []
            raise
        return []


def read_error(note: str) -> BaseException:
    """Return the error that a worker recorded."""
    told = files.read_json(note)
    if "interrupted" in told:
        return KeyboardInterrupt()
    if "parts" in told:
        return InputError(*told["parts"])
    return OSError(told["errno"], os.strerror(told["errno"]), told["file"])


def _count(size: int, documents: int = 0, tokens: int = 0) -> None:
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
        if name == DASK:
            import distributed  # noqa: F401
        return runner.create_runner(_CLASSES.get(name, name))
    except ImportError as error:
        extra = "dask" if name == DASK else "gcp"
        cure = f"install what it needs, such as 'apache-beam[{extra}]'"
        raise InputError(f"--runner={name}", str(error), cure) from error
    except (ValueError, AttributeError) as error:
        cure = "choose DirectRunner, DaskRunner, FlinkRunner, SparkRunner or DataflowRunner"
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
