"""The host side of training: intervals, evaluation, checkpoints, signals, going on."""

import time
from collections.abc import Callable
from typing import Any

import tensorflow as tf

from kortf.errors import InputError
from kortf.train.loop.checkpoint import Checkpoints, RunState
from kortf.train.loop.cluster import Cluster
from kortf.train.loop.diagnosis import explain_step, explain_weights
from kortf.train.loop.health import Watch
from kortf.train.loop.progress import Progress
from kortf.train.loop.signals import StopRequest
from kortf.train.loop.step import Totals, Trainer, means


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
    watch: Watch | None = None,
    steps_per_loop: int = 50,
    cluster: Cluster | None = None,
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
        watch: looks at the metrics of each interval.
        steps_per_loop: most steps on the device between two looks: so long may a signal wait.
        cluster: the processes that train together: a signal to one of them ends all.

    Returns:
        The state at the end; there is a checkpoint of it.

    Raises:
        InputError: at a step that is not finite; the checkpoints are all from before it.
    """
    iterator = batches(state.step)
    marks = [every for every in (log_every, checkpoint_every, eval_every) if every]
    interval, watch, cluster = _Interval(), watch or Watch(), cluster or Cluster()
    saved = state.step if state.step in checkpoints.steps() else -1
    ending = None
    while state.step < steps and ending is None:
        # Up to the next mark on the device, but never so long that a signal waits for minutes.
        number = min(every - state.step % every for every in [*marks, steps_per_loop])
        number = min(number, steps - state.step)
        totals = trainer.train(iterator, state.step, number)
        if "bad_step" in totals:
            state.step = int(totals["bad_step"][0])
            raise _refusal(trainer, batches, checkpoints, state)
        state.step += number
        ending = cluster.any(stop.signal)  # the same in all processes, when all are at this step
        interval.add(totals, number)
        if state.step % log_every == 0 or state.step == steps or ending is not None:
            interval.report(progress, state, watch)
            interval = _Interval()
        if evaluate and (state.step == steps or (eval_every and state.step % eval_every == 0)):
            with trainer.optimizer.averaged():
                _evaluate(evaluate, better, progress, state)
            interval.began = interval.began if interval.steps else time.monotonic()
        if state.step % checkpoint_every == 0 or state.step == state.best_step:
            _save(trainer, checkpoints, state)
            saved = state.step
    if saved != state.step:
        _save(trainer, checkpoints, state)
    stop.signal = stop.signal or ending
    return state


class _Interval:
    """What is summed up between two reports."""

    def __init__(self):
        self.totals: Totals = {}
        self.steps = 0
        self.began = time.monotonic()

    def add(self, totals: Totals, steps: int) -> None:
        for name, value in totals.items():
            self.totals[name] = self.totals.get(name, 0.0) + value
        self.steps += steps

    def report(self, progress: Progress, state: RunState, watch: Watch) -> None:
        seconds = time.monotonic() - self.began
        state.seconds += seconds
        tokens, places = (float(self.totals.pop(name)[0]) for name in ("real_tokens", "places"))
        state.tokens += tokens
        progress.train(state.step, means(self.totals), seconds, self.steps, tokens, places)
        for kind, text in watch.look(state.step, self.totals).items():
            progress.warn(state.step, kind, text)


def _evaluate(evaluate, better, progress, state) -> None:
    values = evaluate()
    progress.evaluation(state.step, values)
    value = better(values)
    if state.best_step < 0 or value > state.best_value:
        state.best_step, state.best_value = state.step, value


def _save(trainer: Trainer, checkpoints: Checkpoints, state: RunState) -> None:
    """Writes a checkpoint, but never of weights that are spoiled."""
    error = explain_weights(trainer, state.step, checkpoints)
    if error:
        raise error
    checkpoints.save(state)


def _refusal(trainer, batches, checkpoints, state) -> InputError:
    """The error for the step that comes after `state`, whose weights the device still holds."""
    error = explain_step(trainer, batches, state.step, checkpoints)
    if error is None:
        checkpoints.save(state)
        error = InputError(
            f"step {state.step + 1}",
            "it was not finite, but is so when it is computed again: the machine makes mistakes",
            f"run the same command again, to go on from the checkpoint of step {state.step}, "
            "and look after memory and cooling",
        )
    return error


def explain_reading(
    error: tf.errors.OpError, explain: Callable[[], InputError | None]
) -> Exception:
    """The InputError for an error of the input pipeline, or the error itself."""
    if isinstance(error, tf.errors.DataLossError | tf.errors.InvalidArgumentError):
        return explain() or error
    return error
