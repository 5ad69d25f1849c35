"""Report a training to an MLflow run."""

import contextlib
import getpass
import os
import re
import time
from collections.abc import Callable
from typing import Any

from kortf import files
from kortf.errors import InputError
from kortf.train.settings.identity import flatten
from kortf.train.tracking.metrics_lines import entities_of, lines_of
from kortf.train.tracking.mlflow_client import (
    STORE,
    connect,
    first_line,
    local_store,
    without_password,
)
from kortf.train.tracking.outbox import Outbox
from kortf.train.tracking.tracker import Tracker

RUN_FILE = "mlflow.json"
# The files that describe a model directory.
DESCRIPTIONS = ("config.json", "tokenizer_config.json", "README.md")

_PARAMETERS_A_BATCH = 100  # MLflow's REST API takes no more
_PARAMETER_LENGTH = 500  # and older servers no longer ones
_LAST_SECONDS = 60.0  # longest wait for a server at the end of a training
_CURE = "start the server, correct MLFLOW_TRACKING_URI, or leave --mlflow out"


def parameters(description: dict[str, Any]) -> dict[str, str]:
    """Return the parameters of a run: its `config.json`, flat, under names that MLflow takes.

    Example:
        >>> parameters({"config": {"steps": 24, "objectives": [{"name": "masked_lm"}]}})
        {'config.steps': '24', 'config.objectives.0.name': 'masked_lm'}
    """
    flat = {}
    for name, value in flatten(description).items():
        name = re.sub(r"\[(\d+)\]", r".\1", name)
        flat[re.sub(r"[^\w.\- ]", "_", name)] = str(value)[:_PARAMETER_LENGTH]
    return flat


class MlflowTracker(Tracker):
    """The MLflow run of a work directory.

    The address is MLFLOW_TRACKING_URI, or the directory `mlruns` in the work directory; the
    experiment is MLFLOW_EXPERIMENT_NAME, or `kortf`. A work directory keeps the id of its run in
    `mlflow.json`, so that a training that continues does so in the same run. Metrics that MLflow
    lacks are read from `metrics.jsonl` then.

    Args:
        workdir: Work directory of the training.
        source: Command that trains, such as `kortf pretrain`.
        above: Directory that takes `mlruns` and names the run, where `workdir` is one of several
            in it; by default `workdir` itself.
        with_model: Whether the whole model directory is an artifact, or its description alone.
        parent: Id of the MLflow run of which this one is a child; None for none.

    Raises:
        InputError: MLflow is not installed, or its server does not answer.
    """

    def __init__(
        self,
        workdir: str,
        source: str,
        above: str | None = None,
        with_model: bool = False,
        parent: str | None = None,
    ):
        self.workdir = workdir
        self.parent = parent
        self.source = source
        above = above or workdir
        # `nsmc`, or `nsmc/seed-1` of several.
        self.name = os.path.relpath(
            os.path.abspath(workdir), os.path.dirname(os.path.abspath(above))
        )
        if with_model and files.is_remote(workdir):
            cure = "leave it out, or train in a local directory"
            raise InputError("--mlflow_model", "MLflow takes models from local directories", cure)
        self.with_model = with_model
        self.exit_status = 0
        uri = os.environ.get("MLFLOW_TRACKING_URI", "")
        self._address = without_password(uri) or STORE
        self._client = connect(uri or local_store(above))
        self._run = None
        self._outbox: Outbox | None = None
        self._say = print
        self._told = False
        self._there: dict[str, set[int]] = {}
        if uri.startswith(("http://", "https://")):
            # Before anything is read or built: that may take minutes.
            with self._starting():
                self._client.search_experiments(max_results=1)

    def begin(self, path: str, say: Callable[[str], None]) -> None:
        """Create the MLflow run or continue it, and send the metrics that it lacks.

        Args:
            path: Path of `metrics.jsonl`; config.json is written already.
            say: Prints a line.

        Raises:
            InputError: MLflow cannot be reached, or refuses.
        """
        self._say = say
        description = files.read_json(os.path.join(self.workdir, "config.json"))
        with self._starting():
            self._run = self._former_run() or self._new_run()
            run_id = self._run.info.run_id
            known = dict(self._run.data.params)
            self._there = {name: self._steps_of(name) for name in self._run.data.metrics}
            self._log_parameters(parameters(description), known)
            self._log_file("config.json")
        say(
            f"MLflow: run {self._run.info.run_name} ({run_id}) at {self._address}"
            + (", continued" if self._there else "")
        )
        self._outbox = Outbox(self._client, run_id)
        self._outbox.add([metric for line in lines_of(path) for metric in self._missing(line)])

    def log(self, line: dict[str, Any]) -> None:
        """Send a line of metrics, or keep it until MLflow answers again."""
        self._outbox.add(self._missing(line))
        problem, told = self._outbox.problem, self._told
        self._told = problem is not None
        if problem is not None and not told:
            self._say(
                f"warning: MLflow at {self._address} does not take the metrics "
                f"({first_line(problem)}); the training continues and they are sent later"
            )
        elif told and problem is None:
            self._say(f"MLflow at {self._address} has all metrics again")

    def end(self, status: str) -> None:
        """Send the remaining metrics, and the results; a failure is a warning."""
        if self._outbox is None:
            return
        sent, problem = self._outbox.close(_LAST_SECONDS), self._outbox.problem
        self._outbox = None
        if sent:
            try:
                self._log_results()
                self._client.set_terminated(self._run.info.run_id, status)
                return
            except Exception as error:  # the training is done, and must not be lost by this
                problem = error
        self._say(
            f"warning: MLflow at {self._address} misses the end of this run "
            f"({first_line(problem)}); run the same command again to send it"
        )

    def __enter__(self) -> "MlflowTracker":
        return self

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            self.end("FINISHED" if self.exit_status == 0 else "KILLED")
        else:
            self.end("KILLED" if issubclass(kind, KeyboardInterrupt) else "FAILED")

    @contextlib.contextmanager
    def _starting(self):
        from mlflow.exceptions import MlflowException

        try:
            yield
        except (MlflowException, OSError) as error:
            place = f"MLflow at {self._address}"
            raise InputError(place, first_line(error), _CURE) from error

    def _former_run(self):
        """Return the run that the work directory began, if it still exists, as running."""
        from mlflow.exceptions import MlflowException

        path = os.path.join(self.workdir, RUN_FILE)
        run_id = files.read_json(path).get(self._address) if files.exists(path) else None
        if run_id is None:
            return None
        try:
            run = self._client.get_run(run_id)
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return None
        if run.info.lifecycle_stage == "deleted":
            return None
        self._client.update_run(run_id, status="RUNNING")
        return run

    def _new_run(self):
        tags = {"mlflow.source.name": self.source, "mlflow.source.type": "LOCAL"}
        if self.parent:
            tags["mlflow.parentRunId"] = self.parent
        with contextlib.suppress(Exception):  # a container may not know who it is
            tags["mlflow.user"] = getpass.getuser()
        run = self._client.create_run(self._experiment(), tags=tags, run_name=self.name)
        path = os.path.join(self.workdir, RUN_FILE)
        runs = files.read_json(path) if files.exists(path) else {}
        files.write_json(path, runs | {self._address: run.info.run_id})
        return run

    def _experiment(self) -> str:
        from mlflow.exceptions import MlflowException

        given = os.environ.get("MLFLOW_EXPERIMENT_ID")
        if given:
            return given
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or "kortf"
        known = self._client.get_experiment_by_name(name)
        if known is None:
            with contextlib.suppress(MlflowException):  # another run may have just made it
                return self._client.create_experiment(name)
            known = self._client.get_experiment_by_name(name)
        return known.experiment_id

    def _missing(self, line: dict[str, Any]) -> list:
        """Metrics of a line that MLflow did not have when the run began."""
        return [m for m in entities_of(line) if m.step not in self._there.get(m.key, ())]

    def _steps_of(self, name: str) -> set[int]:
        history = self._client.get_metric_history(self._run.info.run_id, name)
        return {metric.step for metric in history}

    def _log_parameters(self, now: dict[str, str], known: dict[str, str]) -> None:
        from mlflow.entities import Param, RunTag

        run_id = self._run.info.run_id
        new = [Param(name, value) for name, value in now.items() if name not in known]
        for start in range(0, len(new), _PARAMETERS_A_BATCH):
            self._client.log_batch(run_id, params=new[start : start + _PARAMETERS_A_BATCH])
        # A parameter is set once; the few that may change while a run goes on become tags.
        changed = [
            RunTag(f"changed.{name}", value)
            for name, value in now.items()
            if known.get(name, value) != value
        ]
        if changed:
            self._client.log_batch(run_id, tags=changed)

    def _log_results(self) -> None:
        if files.exists(os.path.join(self.workdir, "eval.json")):
            self._log_file("eval.json")
            self._log_scores(files.read_json(os.path.join(self.workdir, "eval.json")))
        model = os.path.join(self.workdir, "model")
        if self.with_model and files.exists(model):
            self._client.log_artifacts(self._run.info.run_id, model, "model")
            return
        for name in DESCRIPTIONS:
            if files.exists(os.path.join(model, name)):
                self._log_file(f"model/{name}")

    def _log_file(self, name: str) -> None:
        with files.open_file(os.path.join(self.workdir, name), "r") as file:
            self._client.log_text(self._run.info.run_id, file.read(), name)

    def _log_scores(self, result: dict[str, Any]) -> None:
        """Log the scores of `eval.json`, such as `test/accuracy`, at the chosen epoch."""
        from mlflow.entities import Metric

        now, split = int(time.time() * 1000), result.get("split", "test")
        scores = {f"{split}/{name}": value for name, value in result["scores"].items()}
        known = self._client.get_run(self._run.info.run_id).data.metrics
        self._client.log_batch(
            self._run.info.run_id,
            metrics=[
                Metric(name, float(value), now, result.get("epoch", 0))
                for name, value in scores.items()
                if known.get(name) != value
            ],
            synchronous=True,
        )
