"""A work directory, read: what was run, how far it got, what came out."""

import datetime
import json
import os
from dataclasses import dataclass, field

from kortf import workdir
from kortf.report.safetensors_header import count_weights, read_state

EVAL = "eval/"


@dataclass
class Run:
    """What a work directory holds.

    Attributes:
        path: of the directory.
        name: short, for legends; unique among the runs of a report.
        config: resolved config.
        command: Command that started the run; None if it was not recorded.
        versions: Versions of kortf, TensorFlow and Keras.
        inputs: hashes of what went in, and `init_from`.
        intervals: training lines of `metrics.jsonl`.
        evaluations: evaluation lines; their metrics begin with `eval/`.
        warnings: what the run warned of.
        state: of the newest checkpoint.
        evaluation: `eval.json`; None before the run has ended.
        model: `config.json` of the model directory; empty before there is one.
        weights: numbers in the model; None before there is one.
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
        """Whether it trained on a task, not on text."""
        return "task" in self.config

    @property
    def step(self) -> int:
        """Steps done, as far as is known."""
        lines = self.intervals + self.evaluations
        return max([line["step"] for line in lines] + [self.state.get("step", 0)])

    @property
    def finished(self) -> bool:
        """Whether it came to its end."""
        if self.is_finetuning:
            return self.evaluation is not None
        return 0 < self.config.get("steps", 0) <= self.step

    @property
    def date(self) -> str | None:
        """Date of the last line of its metrics (UTC), or None.

        Example: "2026-11-26"
        """
        times = [line.get("time") for line in self.intervals + self.evaluations]
        times = [time for time in times if isinstance(time, int | float)]
        if not times:
            return None
        return datetime.datetime.fromtimestamp(max(times), datetime.UTC).date().isoformat()

    @property
    def status(self) -> str:
        """How far it got.

        Example: "finished", or "unfinished: step 400 of 2,332"
        """
        if self.finished:
            return "finished"
        steps = self.config.get("steps")
        of = f" of {steps:,}" if steps else ""
        return f"unfinished: step {self.step:,}{of}"

    @property
    def seed(self) -> int | None:
        """Seed of the run."""
        return self.config.get("seed")

    def same_but_seed(self) -> str:
        """What two runs share that differ in nothing but their seed."""
        config = {k: v for k, v in self.config.items() if k not in ("seed", *workdir.FREE_KEYS)}
        protocol = (self.evaluation or {}).get("protocol")
        parts = [config, self.inputs, self.finished, protocol]
        return json.dumps(parts, sort_keys=True, ensure_ascii=False)


def read_run(path: str) -> Run:
    """Reads a work directory.

    Raises:
        InputError: it is none, or a file of it is broken.
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
