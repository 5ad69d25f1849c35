"""The host side of training: intervals, evaluation, checkpoints, signals, going on."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf
from absl import logging

from kortf.errors import InputError
from kortf.train.checkpoint import Checkpoints, RunState
from kortf.train.progress import Progress
from kortf.train.signals import StopRequest
from kortf.train.step import Totals, Trainer, means


def run_training(
    trainer: Trainer,
    batches: Callable[[int], Any],
    checkpoints: Checkpoints,
    progress: Progress,
    state: RunState,
    stop: StopRequest,
    steps: int,
    log_every: int = 100,
    checkpoint_every: int = 1000,
    eval_every: int = 0,
    evaluate: Callable[[], dict[str, float]] | None = None,
    better: Callable[[dict[str, float]], float] | None = None,
) -> RunState:
    """Trains from `state.step` to `steps`, or to a signal.

    Args:
        trainer: runs the steps.
        batches: gives the iterator that begins with the batch of a step.
        checkpoints: where they go.
        progress: where reports go.
        state: as restored; changed in place.
        stop: says when a signal came.
        steps: of the whole run.
        log_every: steps between two reports.
        checkpoint_every: steps between two checkpoints.
        eval_every: steps between two evaluations; 0 for none but at the end.
        evaluate: gives evaluation metrics.
        better: what is best of them, higher is better.

    Returns:
        The state at the end; there is a checkpoint of it.
    """
    iterator = batches(state.step)
    marks = [every for every in (log_every, checkpoint_every, eval_every) if every]
    pending: Totals = {}
    began, done = time.monotonic(), 0
    saved = state.step if state.step in checkpoints.steps() else -1
    while state.step < steps and stop.signal is None:
        # Up to the next mark on the device, but never so long that a signal waits for minutes.
        number = min([every - state.step % every for every in marks] + [steps - state.step, 50])
        totals = trainer.train(iterator, state.step, number)
        state.step += number
        done += number
        for name, value in totals.items():
            pending[name] = pending.get(name, 0.0) + value
        _check_finite(totals, state.step, checkpoints)
        if state.step % log_every == 0 or state.step == steps or stop.signal is not None:
            seconds = time.monotonic() - began
            state.seconds += seconds
            tokens, places = (float(pending.pop(name)[0]) for name in ("real_tokens", "places"))
            state.tokens += tokens
            progress.train(state.step, means(pending), seconds, done, tokens, places)
            pending, done, began = {}, 0, time.monotonic()
        if evaluate and (state.step == steps or (eval_every and state.step % eval_every == 0)):
            _evaluate(evaluate, better, progress, state)
            began = time.monotonic() if not done else began
        if state.step % checkpoint_every == 0 or state.step == state.best_step:
            checkpoints.save(state)
            saved = state.step
    if saved != state.step:
        checkpoints.save(state)
    return state


def _evaluate(evaluate, better, progress, state) -> None:
    values = evaluate()
    progress.evaluation(state.step, values)
    value = better(values)
    if state.best_step < 0 or value > state.best_value:
        state.best_step, state.best_value = state.step, value


def _check_finite(totals: Totals, step: int, checkpoints: Checkpoints) -> None:
    broken = [name for name, value in totals.items() if not np.isfinite(value).all()]
    if broken:
        last = checkpoints.steps()[-1:] or ["none"]
        raise InputError(
            f"step {step}",
            f"{', '.join(broken)} is not finite",
            f"the last good checkpoint (step {last[0]}) is kept; lower "
            "--config.optimizer.learning_rate, "
            "lengthen --config.schedule.warmup_steps, or use --config.dtype=float32",
        )


def restore_or_start(checkpoints: Checkpoints) -> RunState:
    """The state of the newest whole checkpoint, or a fresh one."""
    state = checkpoints.restore_latest()
    if state is None:
        return RunState()
    logging.info("going on from step %d", state.step)
    return state


def explain_reading(
    error: tf.errors.OpError, explain: Callable[[], InputError | None]
) -> Exception:
    """The InputError for an error of the input pipeline, or the error itself."""
    if isinstance(error, tf.errors.DataLossError | tf.errors.InvalidArgumentError):
        return explain() or error
    return error
