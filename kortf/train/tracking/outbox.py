"""Metrics on their way to MLflow, through its asynchronous logging."""

import concurrent.futures
import time
from collections import deque

# A batch may not hold more (MLflow's REST API).
_METRICS_A_BATCH = 1000


class Outbox:
    """Sends metrics in order, one batch at a time, without making the caller wait.

    A batch that fails stays in the box and is sent again after a while, so that a server which was
    away gets everything.

    Args:
        client: An `MlflowClient`.
        run_id: MLflow run that takes the metrics.
        retry_seconds: Seconds until a server that failed is asked again.

    Attributes:
        problem: Reason of the last failure; None after a batch that arrived.
    """

    def __init__(self, client, run_id: str, retry_seconds: float = 30.0):
        self.problem: Exception | None = None
        self._client = client
        self._run_id = run_id
        self._retry_seconds = retry_seconds
        self._retry_at = 0.0
        self._waiting: deque = deque()
        self._sent: list = []
        self._futures: list[concurrent.futures.Future] = []

    def add(self, metrics: list) -> None:
        """Take metrics, and send what can be sent now."""
        self._waiting.extend(metrics)
        self._collect()
        self._send()

    def close(self, seconds: float) -> bool:
        """Send the rest; return whether everything arrived.

        Args:
            seconds: Longest time to wait.
        """
        deadline = time.monotonic() + seconds
        self._retry_at = 0.0
        tries = 2  # the batch in flight may have been sent to a server that is back by now
        while (self._waiting or self._sent) and tries:
            self._send()
            left = max(0.0, deadline - time.monotonic())
            if concurrent.futures.wait(self._futures, left).not_done:
                self.problem = self.problem or TimeoutError(f"no answer in {seconds:.0f} s")
                return False
            self._collect()
            self._retry_at = 0.0
            tries -= self.problem is not None
        return not self._waiting

    def _send(self) -> None:
        if self._sent or not self._waiting or time.monotonic() < self._retry_at:
            return
        number = min(_METRICS_A_BATCH, len(self._waiting))
        self._sent = [self._waiting.popleft() for _ in range(number)]
        try:
            operation = self._client.log_batch(
                self._run_id, metrics=list(self._sent), synchronous=False
            )
            self._futures = list(operation._operation_futures)
        except Exception as error:  # whatever it is, it must not end a training
            future: concurrent.futures.Future = concurrent.futures.Future()
            future.set_exception(error)
            self._futures = [future]

    def _collect(self) -> None:
        """Look at the batch in flight, if it has landed."""
        if not self._sent or not all(future.done() for future in self._futures):
            return
        self.problem = next(filter(None, (future.exception() for future in self._futures)), None)
        if self.problem is not None:
            self._waiting.extendleft(reversed(self._sent))
            self._retry_at = time.monotonic() + self._retry_seconds
        self._sent, self._futures = [], []
