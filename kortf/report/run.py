"""One run, read from its work directory: config, metrics and results."""

import datetime
import json
import os
from dataclasses import dataclass, field

from kortf import workdir
from kortf.report.safetensors_header import count_weights, read_state

EVAL = "eval/"


@dataclass
class Run:
    """Content of a work directory.

    Attributes:
        path: Path of the directory.
        name: Short name, unique among the runs of a report.
        config: Resolved config.
        command: Command that started the run; None if it was not recorded.
        versions: Versions of kortf, TensorFlow and Keras.
        inputs: Hashes of the input files, and `init_from`.
        intervals: Training lines of `metrics.jsonl`.
        evaluations: Evaluation lines; their metrics begin with `eval/`.
        warnings: Warnings of the run.
        state: State of the newest checkpoint.
        evaluation: Content of `eval.json`; None before the run has ended.
        model: Content of `config.json` of the model directory; empty without one.
        weights: Number of weights; None without a model.
    """

    path: str
    name: str
    config: dict
    inputs: dict
    intervals: list[dict] = field(default_factory=list)
    evaluations: list[dict] = field(default_factory=list)
    warnings: list[dict] = field(default_factory=list)
    state: dict = field(default_factory=dict)
    evaluation: dict | None = None
    model: dict = field(default_factory=dict)
    weights: int | None = None
    command: str | None = None
    versions: dict = field(default_factory=dict)

    @property
    def is_finetuning(self) -> bool:
        """Return whether the run trained on a task."""
        return "task" in self.config

    @property
    def step(self) -> int:
        """Return the number of completed steps, from metrics and checkpoint."""
        lines = self.intervals + self.evaluations
        return max([line["step"] for line in lines] + [self.state.get("step", 0)])

    @property
    def finished(self) -> bool:
        """Return whether the run has ended."""
        if self.is_finetuning:
            return self.evaluation is not None
        return 0 < self.config.get("steps", 0) <= self.step

    @property
    def date(self) -> str | None:
        """Return the date (UTC) of the last line of the metrics, or None.

        Example: "2026-11-26"
        """
        times = [line.get("time") for line in self.intervals + self.evaluations]
        times = [time for time in times if isinstance(time, int | float)]
        if not times:
            return None
        return datetime.datetime.fromtimestamp(max(times), datetime.UTC).date().isoformat()

    @property
    def status(self) -> str:
        """Return "finished", or the step that the run has reached.

        Example: "finished", or "unfinished: step 400 of 2,332"
        """
        if self.finished:
            return "finished"
        steps = self.config.get("steps")
        of = f" of {steps:,}" if steps else ""
        return f"unfinished: step {self.step:,}{of}"

    @property
    def seed(self) -> int | None:
        """Return the seed of the run."""
        return self.config.get("seed")

    def same_but_seed(self) -> str:
        """Return a key that is equal for runs that differ only in their seed."""
        config = {k: v for k, v in self.config.items() if k not in ("seed", *workdir.FREE_KEYS)}
        protocol = (self.evaluation or {}).get("protocol")
        parts = [config, self.inputs, self.finished, protocol]
        return json.dumps(parts, sort_keys=True, ensure_ascii=False)


def read_run(path: str) -> Run:
    """Read a work directory.

    Raises:
        InputError: If it is not a work directory, or a file in it is damaged.
    """
    path = path.rstrip("/") or path
    written = workdir.read_config(path)
    run = Run(path, os.path.basename(path), written["config"], written["inputs"])
    run.command, run.versions = written.get("command"), written.get("versions") or {}
    for line in workdir.read_metrics(path):
        if "warning" in line:
            run.warnings.append(line)
        elif any(name.startswith(EVAL) for name in line):
            run.evaluations.append(line)
        else:
            run.intervals.append(line)
    run.state = read_state(os.path.join(path, workdir.CHECKPOINTS))
    run.evaluation = workdir.read_evaluation(path)
    run.model = workdir.read_model_config(path)
    run.weights = count_weights(os.path.join(path, workdir.MODEL, "model.safetensors"))
    return run
