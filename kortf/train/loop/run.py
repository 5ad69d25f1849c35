"""The training loop: steps on the device, hooks on the host."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from kortf.errors import InputError
from kortf.train.loop.checkpoint import Checkpoints, RunState
from kortf.train.loop.devices.cluster import LOST, Cluster, leave
from kortf.train.loop.health.diagnosis import explain_step, explain_weights
from kortf.train.loop.health.signals import Abandoned, StopRequest
from kortf.train.loop.progress import Progress
from kortf.train.loop.step import Totals, Trainer, means

# The device works about this long between two looks of the host, which hears signals then.
LOOK_SECONDS = 0.5

Hook = Callable[["Run"], None]


@dataclass
class Interval:
    """Measurements since the last report.

    Attributes:
        totals: Metric name to `[sum, count]`.
        steps: Steps done.
        seconds: Seconds that they took, hooks excluded.
    """

    totals: Totals = field(default_factory=dict)
    steps: int = 0
    seconds: float = 0.0

    def means(self) -> dict[str, float]:
        """Return the mean of each metric."""
        return means(self.totals)


class Run:
    """A training run: the loop over its steps, and hooks that it calls at some of them.

    Args:
        trainer: Runs the steps.
        checkpoints: Checkpoints of the work directory.
        progress: Reports of the run.
        state: State as restored; changed in place.
        steps: Steps of the whole run.
        cluster: Processes that train together; a signal to one of them ends all.

    Attributes:
        interval: Measurements since `start_interval`.
        stopped: Whether a signal ended the training.
        steps_per_loop: Most steps on the device between two looks of the host.
        restarts: Steps at which the batches change their shape and need a new iterator.

    Example:
        run.every(100, log_metrics, run.start_interval)
        run.every(1000, run.save)
        status = run.train(batches)
    """

    def __init__(
        self,
        trainer: Trainer,
        checkpoints: Checkpoints,
        progress: Progress,
        state: RunState,
        steps: int,
        cluster: Cluster | None = None,
    ):
        self.trainer = trainer
        self.checkpoints = checkpoints
        self.progress = progress
        self.state = state
        self.steps = steps
        self.cluster = cluster or Cluster()
        self.interval = Interval()
        self.stopped = False
        self.steps_per_loop = 50
        self.restarts: list[int] = []
        self.stop = StopRequest(progress.say)
        self._hooks: list[tuple[int, tuple[Hook, ...], bool]] = []
        self._saved = state.step if state.step in checkpoints.steps() else -1

    @property
    def finished(self) -> bool:
        """Return whether all steps are done or the run has ended early, evaluated and saved."""
        done = self.state.step >= self.steps or self.ended is not None
        return done and not self.state.notes.get("hooks_due")

    @property
    def ended(self) -> str | None:
        """Reason for which the run ended before its last step; None if it did not."""
        return self.state.notes.get("ended")

    def end(self, reason: str) -> None:
        """End the run at this step; it stays ended when the same command runs again."""
        self.state.notes["ended"] = reason
        self.touch()
        self.progress.say(f"ended at step {self.state.step:,} of {self.steps:,}: {reason}")

    def every(self, steps: int, *hooks: Hook, at_stop: bool = True) -> None:
        """Call hooks, in this order, at regular steps and at the last step.

        Args:
            steps: Steps between two calls; 0 for the last step alone.
            *hooks: Functions of the run.
            at_stop: Whether a signal that ends the run calls them as well. Where it does not, and
                they were due, they are called when the run continues.
        """
        self._hooks.append((steps, hooks, at_stop))

    def train(self, batches: Callable[[int], Any]) -> int:
        """Train from the restored step to the last one, or to a signal.

        Args:
            batches: Gives the iterator that begins with the batch of a step.

        Returns:
            Exit status: 0, or that of the signal that ended the training.

        Raises:
            InputError: A step is not finite; all checkpoints are from before it.
        """
        self.progress.live("compiling the first step")
        with self.stop:
            try:
                alive = self.cluster.run(lambda: self._train(batches), self.progress.say)
            finally:
                self.progress.close()
            if not alive:
                self.progress.tracker.end("FAILED")
                leave(LOST)
        self.stopped = self.stop.signal is not None
        if self.stopped:
            self.progress.say(
                f"stopped at step {self.state.step:,}; run the same command again to continue"
            )
        return self.stop.status

    def save(self, run: "Run | None" = None) -> None:
        """Write a checkpoint of this step, unless there is one; never of broken weights.

        Args:
            run: This run, where it is called as a hook.
        """
        if self._saved == self.state.step:
            return
        error = explain_weights(self.trainer, self.state.step, self.checkpoints)
        if error:
            raise error
        self.checkpoints.save(self.state)
        self._saved = self.state.step

    @contextlib.contextmanager
    def abandonable(self, replaceable: bool = False) -> Iterator[None]:
        """Run a block that changes nothing the run needs; a signal ends it with `Abandoned`.

        Not where several processes train together: the others would wait for this one.

        Args:
            replaceable: Whether a checkpoint has all that was trained so far.
        """
        alone = self.cluster.workers == 1
        self.stop.replaceable = replaceable and alone
        try:
            with self.stop.abandonable(alone):
                yield
        finally:
            self.stop.replaceable = False

    def touch(self) -> None:
        """Note that the state has changed since it was saved."""
        self._saved = -1

    def start_interval(self, run: "Run | None" = None) -> None:
        """Forget the measurements; a hook behind those that report them."""
        self.interval = Interval()

    def _train(self, batches) -> None:
        iterator = batches(self.state.step)
        if self.state.step < self.steps and self.ended is None:
            self.save()  # so that a signal loses nothing while the first step is compiled
            try:
                with self.abandonable(replaceable=True):
                    self.trainer.trace(iterator)
            except Abandoned:
                return
        if self.state.notes.pop("hooks_due", False):
            self._call_hooks(at_stop=False)
        pace = _Pace(self.steps_per_loop)
        while self._goes_on():
            if self.state.step in self.restarts:
                iterator = batches(self.state.step)
            number = min(pace.steps, self._steps_to_next_hook())
            seconds = self._advance(batches, iterator, number, first=not pace.began)
            signal, milliseconds = self.cluster.largest([self.stop.signal or 0, 1000 * seconds])
            self.stop.signal = signal or None  # the same in all processes at this step
            pace.measured(number, milliseconds / 1000)
            self._call_hooks()
        self.save()

    def _goes_on(self) -> bool:
        ended = self.stop.signal is not None or self.ended is not None
        return self.state.step < self.steps and not ended

    def _advance(self, batches, iterator, number: int, first: bool) -> float:
        """Run some steps on the device; return the seconds that they took."""
        began, state = time.monotonic(), self.state
        self.stop.replaceable = first and self.cluster.workers == 1
        totals = self.trainer.train(iterator, state.step, number, self.interval.totals)
        self.stop.replaceable = False
        if "bad_step" in totals:
            state.step = int(totals["bad_step"][0])
            raise self._refusal(batches)
        seconds = time.monotonic() - began
        before = self.interval.totals.get("real_tokens", [0.0])[0]
        state.tokens += float(totals["real_tokens"][0] - before)
        state.seconds += seconds
        state.step += number
        self.interval.totals = totals
        self.interval.steps += number
        self.interval.seconds += seconds
        self.progress.step(state.step)
        return seconds

    def _steps_to_next_hook(self) -> int:
        step = self.state.step
        left = [steps - step % steps for steps, _, _ in self._hooks if steps]
        left += [restart - step for restart in self.restarts if restart > step]
        return min([*left, self.steps - step])

    def _call_hooks(self, at_stop: bool | None = None) -> None:
        step, last = self.state.step, self.state.step == self.steps
        ending = self.stop.signal is not None
        called = []
        for every, hooks, called_at_stop in self._hooks:
            if at_stop is not None and called_at_stop != at_stop:
                continue
            due = last or bool(every and step % every == 0)
            if ending and not called_at_stop and due:
                self.state.notes["hooks_due"] = True
            elif due or (ending and called_at_stop):
                called.append(hooks)
                for hook in hooks:
                    hook(self)
        if self.ended is not None and not ending:  # what is called at the last step
            for _, hooks, called_at_stop in self._hooks:
                for hook in hooks if called_at_stop and hooks not in called else ():
                    hook(self)

    def _refusal(self, batches) -> InputError:
        """The error for the step after `state`, whose weights the device still holds."""
        error = explain_step(self.trainer, batches, self.state.step, self.checkpoints)
        if error is None:
            self.checkpoints.save(self.state)
            error = InputError(
                f"step {self.state.step + 1}",
                "it was not finite, but is finite when computed again: a hardware fault",
                "run the same command again to continue from the checkpoint of step "
                f"{self.state.step}, and check memory and cooling",
            )
        return error


class _Pace:
    """Number of steps after which the host looks about each `LOOK_SECONDS`."""

    def __init__(self, most: int):
        self.most = most
        self.steps = 1
        self.began = False

    def measured(self, steps: int, seconds: float) -> None:
        if self.began:  # the first step is compiled
            fit = int(LOOK_SECONDS * steps / max(seconds, 1e-6))
            self.steps = max(1, min(fit, self.most, 4 * self.steps))
        self.began = True
