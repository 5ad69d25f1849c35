"""Estimate what a run will take: time, memory and disk, from a few steps that are not kept."""

import resource
import sys
import time
from collections.abc import Callable

import tensorflow as tf

from kortf.duration import duration
from kortf.train.assembly import all_state, weight_count
from kortf.train.loop.step import Trainer

PROBE_STEPS = 3  # once to compile, once to measure


def dry_run(
    trainer: Trainer,
    batches: Callable,
    steps: int,
    kept_checkpoints: int,
    tokens_of_run: int | None = None,
) -> str:
    """Train a few steps and return an estimate of the whole run; nothing is written.

    Args:
        trainer: Trainer of the run.
        batches: Gives the iterator that begins with the batch of a step.
        steps: Steps of the whole run.
        kept_checkpoints: Checkpoints that the work directory holds.
        tokens_of_run: Tokens of the whole run without padding. Give them where rows differ in
            length: the same batches are measured that were compiled, and the time of the run
            follows from their tokens.
    """
    iterator = batches(0)
    began = time.monotonic()
    trainer.train(iterator, 0, PROBE_STEPS)
    compiled = time.monotonic() - began
    first = PROBE_STEPS
    if tokens_of_run is not None:
        iterator, first = batches(0), 0
    began = time.monotonic()
    totals = trainer.train(iterator, first, PROBE_STEPS)
    seconds = (time.monotonic() - began) / PROBE_STEPS
    state = sum(_bytes(variable) for variable in all_state(trainer).values())
    model = sum(_bytes(variable) for variable in trainer.program.variables().values())
    tokens = float(totals["real_tokens"][0]) / PROBE_STEPS
    if tokens_of_run is not None:
        seconds *= tokens_of_run / steps / tokens
        tokens = tokens_of_run / steps
    kept = kept_checkpoints + 1  # the best one
    return "\n".join(
        [
            f"weights: {weight_count(trainer.program):,}",
            f"time: {duration(round(seconds * steps))} for {steps:,} steps of {seconds:.3g} s and "
            f"{tokens:,.0f} tokens, and {compiled:.0f} s to compile; evaluations excluded",
            f"memory: {_peak_memory() / 1e9:.2f} GB at most in {2 * PROBE_STEPS} steps",
            f"disk: {(kept * state + model) / 1e9:.3g} GB, {kept} checkpoints of "
            f"{state / 1e9:.3g} GB and the model",
        ]
    )


def _bytes(variable: tf.Variable) -> int:
    return int(tf.size(variable)) * variable.dtype.size


def _peak_memory() -> int:
    """Bytes at the peak: of the first GPU, or of the process."""
    if tf.config.list_logical_devices("GPU"):
        return tf.config.experimental.get_memory_info("GPU:0")["peak"]
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
