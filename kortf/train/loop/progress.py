"""What a run tells: a progress line, `metrics.jsonl`, TensorBoard."""

import json
import math
import os
import sys
import time
from collections.abc import Callable

import tensorflow as tf

from kortf import files

# tf.summary.scalar would need the tensorboard package just to write.
_SCALAR = tf.compat.v1.SummaryMetadata(
    plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars")
)


def duration(seconds: float) -> str:
    """A short text for a time span.

    Example:
        >>> duration(3725)
        '1h02m'
        >>> duration(65)
        '1m05s'
    """
    minutes, seconds = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{seconds:02d}s"


def with_perplexities(values: dict[str, float]) -> dict[str, float]:
    """The metrics, with the perplexity beside each loss of a language model.

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
    """What of an interval's metrics goes into the progress line."""
    parts = [f"loss {values['loss']:.4f}"]
    for name, value in values.items():
        if name.endswith("perplexity"):
            parts.append(f"{name} {value:.1f}")
        elif name.endswith(("accuracy", "recall", "auc")):
            parts.append(f"{name} {value:.4f}")
    return parts


class Progress:
    """Writes what an interval of training measured.

    Args:
        workdir: where `metrics.jsonl` and the TensorBoard events go.
        steps: of the whole run.
        first_step: at which this process goes on: lines beyond it, of a run that was killed, are
            dropped.

    Attributes:
        followers: called after each line that `metrics.jsonl` has got.
    """

    def __init__(self, workdir: str, steps: int, first_step: int = 0):
        self.path = os.path.join(workdir, "metrics.jsonl")
        self.steps = steps
        self.followers: list[Callable[[], None]] = []
        self._drop_beyond(first_step)
        self._writer = tf.summary.create_file_writer(os.path.join(workdir, "tensorboard"))
        self._live = sys.stderr.isatty()

    def train(
        self,
        step: int,
        values: dict[str, float],
        seconds: float,
        done: int,
        tokens: float,
        places: float,
    ) -> None:
        """Reports an interval.

        Args:
            step: steps done.
            values: means of the metrics.
            seconds: that the interval took.
            done: steps in the interval.
            tokens: real tokens in the interval.
            places: tokens and padding in the interval.
        """
        speed = {"tokens_per_second": tokens / seconds, "padding": 1 - tokens / places}
        values = with_perplexities(values) | speed
        self._record({"step": step, "time": round(time.time(), 3), **values}, "train", step)
        left = (self.steps - step) * seconds / done
        parts = [f"step {step:,}/{self.steps:,}", *_shown(values)]
        parts.append(f"{values['tokens_per_second']:,.0f} tokens/s")
        parts.append(f"padding {values['padding']:.1%}")
        parts.append(f"{duration(left)} left")
        self._print(" | ".join(parts), live=self._live and step < self.steps)

    def evaluation(self, step: int, values: dict[str, float]) -> None:
        """Reports an evaluation; its metrics get the prefix `eval/`."""
        values = {f"eval/{name}": v for name, v in with_perplexities(values).items()}
        self._record({"step": step, "time": round(time.time(), 3), **values}, "", step)
        self._print(f"step {step:,} | " + " | ".join(f"{n} {v:.4f}" for n, v in values.items()))

    def warn(self, step: int, kind: str, text: str) -> None:
        """Prints a warning and puts it into `metrics.jsonl`.

        Args:
            step: steps done.
            kind: what the warning is about, in a word.
            text: cause and cure.
        """
        self._append({"step": step, "time": round(time.time(), 3), "warning": kind, "text": text})
        self._print(f"step {step:,} | warning: {text}")

    def say(self, text: str) -> None:
        """Prints a line."""
        self._print(text)

    def _print(self, text: str, live: bool = False) -> None:
        if self._live:
            text = f"\r\x1b[K{text}"
        print(text, end="" if live else "\n", file=sys.stderr, flush=True)

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
        for follower in self.followers:
            follower()

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


def _short(value):
    if not isinstance(value, float):
        return value
    # JSON has no word for what is not finite.
    return float(f"{value:.7g}") if math.isfinite(value) else None
