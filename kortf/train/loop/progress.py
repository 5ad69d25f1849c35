"""Reports of a run: a progress bar, `metrics.jsonl`, TensorBoard."""

import json
import math
import os
import shutil
import sys
import time

import tensorflow as tf
from tqdm import tqdm

from kortf import files
from kortf.duration import duration
from kortf.stage import clear_stage
from kortf.train.tracking.tracker import Tracker

QUIET_SECONDS = 60.0  # a log gets a line at least this often

# tf.summary.scalar would need the tensorboard package just to write.
_SCALAR = tf.compat.v1.SummaryMetadata(
    plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
)


def with_perplexities(values: dict[str, float]) -> dict[str, float]:
    """Return the metrics, with the perplexity beside each loss of a language model.

    Example:
        >>> with_perplexities({"masked_lm_loss": 3.0, "next_sentence_loss": 0.5})
        {'masked_lm_loss': 3.0, 'next_sentence_loss': 0.5, 'masked_lm_perplexity': 20.08…}
    """
    losses = {n: v for n, v in values.items() if n.endswith(("lm_loss", "generator_loss"))}
    largest = math.log(sys.float_info.max)
    return values | {
        f"{name.removesuffix('loss')}perplexity": math.exp(min(v, largest))
        for name, v in losses.items()
    }


def _shown(values: dict[str, float]) -> list[str]:
    """Metrics of an interval that the progress line shows."""
    parts = [f"loss {values['loss']:.4f}"]
    for name, value in values.items():
        if name.endswith("perplexity"):
            parts.append(f"{name} {value:.1f}")
        elif name.endswith(("accuracy", "recall", "auc")):
            parts.append(f"{name} {value:.4f}")
    return parts


class Progress:
    """Reports a run: to the terminal or log, `metrics.jsonl`, TensorBoard and a tracker.

    On a terminal, a bar shows the step at hand. Elsewhere each report is a line.

    Args:
        workdir: Directory of `metrics.jsonl` and the TensorBoard events.
        steps: Steps of the whole run.
        first_step: Step at which this process continues: lines beyond it, of a run that was
            killed, are dropped.
        tracker: Gets each line of `metrics.jsonl` as well.
    """

    def __init__(
        self, workdir: str, steps: int, first_step: int = 0, tracker: Tracker | None = None
    ):
        self.path = os.path.join(workdir, "metrics.jsonl")
        self.steps = steps
        self.tracker = tracker or Tracker()
        clear_stage()
        self._drop_beyond(first_step)
        self._writer = tf.summary.create_file_writer(os.path.join(workdir, "tensorboard"))
        self._bar = _bar(steps, first_step)
        self._told = time.monotonic()
        self.tracker.begin(self.path, self.say)

    def step(self, step: int) -> None:
        """Show how far the run is; a log gets a line when nothing was reported for a while."""
        self._bar.ncols = _columns()  # it follows the width of the terminal
        self._bar.update(step - self._bar.n)
        if self._bar.disable and time.monotonic() - self._told > QUIET_SECONDS:
            self.say(f"step {step:,}/{self.steps:,}")

    def live(self, text: str) -> None:
        """Show the work at hand beside the bar of a terminal."""
        self._bar.set_postfix_str(text)

    def train(
        self,
        step: int,
        values: dict[str, float],
        seconds: float,
        done: int,
        tokens: float,
        places: float,
    ) -> None:
        """Report an interval.

        Args:
            step: Steps done.
            values: Means of the metrics.
            seconds: Seconds that the interval took.
            done: Steps in the interval.
            tokens: Real tokens in the interval.
            places: Tokens and padding in the interval.
        """
        speed = {"tokens_per_second": tokens / seconds, "padding": 1 - tokens / places}
        values = with_perplexities(values) | speed
        self._record({"step": step, "time": round(time.time(), 3), **values}, "train", step)
        left = (self.steps - step) * seconds / done
        parts = [*_shown(values), f"{values['tokens_per_second']:,.0f} tokens/s"]
        self.live(" | ".join(parts))
        if self._bar.disable or step == self.steps:
            parts.insert(0, f"step {step:,}/{self.steps:,}")
            parts += [f"padding {values['padding']:.1%}", f"{duration(round(left))} left"]
            self.say(" | ".join(parts))

    def evaluation(self, step: int, values: dict[str, float]) -> None:
        """Report an evaluation; its metrics get the prefix `eval/`."""
        values = {f"eval/{name}": v for name, v in with_perplexities(values).items()}
        self._record({"step": step, "time": round(time.time(), 3), **values}, "", step)
        self.say(f"step {step:,} | " + " | ".join(f"{n} {v:.4f}" for n, v in values.items()))

    def warn(self, step: int, kind: str, text: str) -> None:
        """Print a warning and add it to `metrics.jsonl`.

        Args:
            step: Steps done.
            kind: Name of the fault.
            text: Cause and cure.
        """
        self._append({"step": step, "time": round(time.time(), 3), "warning": kind, "text": text})
        self.say(f"step {step:,} | warning: {text}")

    def say(self, text: str) -> None:
        """Print a line."""
        self._told = time.monotonic()
        tqdm.write(text, file=sys.stderr)
        sys.stderr.flush()

    def close(self) -> None:
        """Remove the bar of a terminal."""
        self._bar.close()

    def _record(self, line: dict, prefix: str, step: int) -> None:
        self._append({k: v if k == "time" else _short(v) for k, v in line.items()})
        with self._writer.as_default(step=step):
            for name, value in line.items():
                if name not in ("step", "time"):
                    tag = f"{prefix}/{name}" if prefix else name
                    tf.summary.write(tag, tf.constant(value, tf.float32), metadata=_SCALAR)
        self._writer.flush()

    def _append(self, line: dict) -> None:
        files.append(self.path, json.dumps(line, ensure_ascii=False) + "\n")
        self.tracker.log(line)

    def _drop_beyond(self, step: int) -> None:
        if not files.exists(self.path):
            return
        kept = []
        with files.open_file(self.path, "r") as file:
            for line in file:
                try:
                    if json.loads(line)["step"] <= step:
                        kept.append(line)
                except (json.JSONDecodeError, KeyError):
                    continue  # the line that was being written when the machine died
        with files.write_beside(self.path) as file:
            file.write("".join(kept))


def _bar(steps: int, first_step: int) -> tqdm:
    """A bar that follows the width of the terminal; disabled where there is none."""
    return tqdm(
        total=steps,
        initial=first_step,
        disable=not sys.stderr.isatty(),
        file=sys.stderr,
        unit=" steps",
        ncols=_columns(),
        leave=False,
        mininterval=0.2,
        bar_format="{n_fmt}/{total_fmt} {bar:16} {remaining} left{postfix}",
    )


def _columns() -> int:
    """Return the width of the terminal that shows the bar."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):
        return shutil.get_terminal_size().columns


def _short(value):
    if not isinstance(value, float):
        return value
    # JSON has no number for infinities and NaN.
    return float(f"{value:.7g}") if math.isfinite(value) else None
