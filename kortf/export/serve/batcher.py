"""Merge rows of concurrent requests into batches, in one thread a model."""

import collections
import dataclasses
import threading
import time
from concurrent.futures import Future, InvalidStateError

import numpy as np

from kortf.export.serve.errors import BusyError, ModelError, RetiredError
from kortf.export.serve.loaded_model import Arrays, LoadedModel

_WARM_ROUNDS, _WARM_SECONDS = 2, 1.0  # no call begins after that time


@dataclasses.dataclass(frozen=True)
class Limits:
    """Bounds of one server.

    Attributes:
        max_batch: Maximum number of rows that are computed together.
        batch_wait: Seconds that a row waits for others while the model is idle.
        max_queue: Maximum number of rows that wait or are computed, for each model.
        max_rows: Maximum number of rows of a request.
        max_bytes: Maximum size of a request body.
        timeout: Seconds after which a request is given up.
    """

    max_batch: int = 32
    batch_wait: float = 0.0
    max_queue: int = 1024
    max_rows: int = 256
    max_bytes: int = 4 << 20
    timeout: float = 30.0


class Batcher:
    """Queue of one model.

    An idle model starts at once (after `batch_wait`); what arrives while it computes is the next
    batch. Requests of different signatures are never merged.

    Args:
        model: The model.
        limits: Sizes of batch and queue.
    """

    def __init__(self, model: LoadedModel, limits: Limits):
        self.model, self._limits = model, limits
        self._waiting: collections.deque = collections.deque()
        self._rows = 0
        self._retired = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(
            target=self._work, name=f"{model.name}-{model.version}", daemon=True
        )
        self._thread.start()

    @property
    def rows(self) -> int:
        """Number of rows that wait or are computed."""
        return self._rows

    def submit(self, signature: str, inputs: Arrays) -> Future:
        """Queue a request; the future holds its outputs.

        Raises:
            BusyError: The queue is full.
            RetiredError: A newer version has replaced the model.
        """
        count = len(next(iter(inputs.values())))
        future: Future = Future()
        with self._changed:
            if self._retired:
                raise RetiredError
            if self._rows and self._rows + count > self._limits.max_queue:
                raise BusyError(f"the queue of model {self.model.name} is full; try again later")
            self._rows += count
            self._waiting.append((signature, inputs, count, future))
            self._changed.notify()
        return future

    def warm_up(self) -> None:
        """Compute short texts: the first calls of a thread, and with a length, are slow."""
        until = time.monotonic() + _WARM_SECONDS
        for request in self.model.short_requests() * _WARM_ROUNDS:
            self.submit(*request).result()
            if time.monotonic() > until:
                break

    def retire(self, timeout: float = 60.0) -> None:
        """Refuse new requests, finish those that wait, and end the thread."""
        with self._changed:
            self._retired = True
            self._changed.notify()
        self._thread.join(timeout)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._retired:
                    self._changed.wait()
                if not self._waiting:
                    return
                self._await_more()
                batch = self._take()
            self._run(batch)
            with self._changed:
                self._rows -= sum(count for _, _, count, _ in batch)

    def _await_more(self) -> None:
        until = time.monotonic() + self._limits.batch_wait
        while sum(count for _, _, count, _ in self._waiting) < self._limits.max_batch:
            left = until - time.monotonic()
            if left <= 0 or self._retired:
                return
            self._changed.wait(left)

    def _take(self) -> list:
        """Requests at the head of the queue that fit into one batch."""
        batch = [self._waiting.popleft()]
        signature, total = batch[0][0], batch[0][2]
        merges = self.model.signatures[signature].takes_strings
        while merges and self._waiting and self._waiting[0][0] == signature:
            if total + self._waiting[0][2] > self._limits.max_batch:
                break
            batch.append(self._waiting.popleft())
            total += batch[-1][2]
        return batch

    def _run(self, batch: list) -> None:
        batch = [each for each in batch if each[3].set_running_or_notify_cancel()]
        if not batch:
            return
        signature = batch[0][0]
        try:
            merged = {
                name: np.concatenate([inputs[name] for _, inputs, _, _ in batch])
                for name in batch[0][1]
            }
            found = self.model.run(signature, merged)
        except Exception as error:
            if len(batch) > 1:  # one request must not fail the others
                for each in batch:
                    self._one(*each)
            else:
                _fail(batch[0][3], error)
            return
        begin = 0
        for _, _, count, future in batch:
            part = {name: value[begin : begin + count] for name, value in found.items()}
            _finish(future, part)
            begin += count

    def _one(self, signature: str, inputs: Arrays, count: int, future: Future) -> None:
        try:
            _finish(future, self.model.run(signature, inputs))
        except Exception as error:
            _fail(future, error)


def _finish(future: Future, value: Arrays) -> None:
    try:
        future.set_result(value)
    except InvalidStateError:  # given up by its request
        pass


def _fail(future: Future, error: Exception) -> None:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    try:
        future.set_exception(ModelError(f"the model failed: {text[:300]}"))
    except InvalidStateError:
        pass
