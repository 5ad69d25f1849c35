"""Sends `metrics.jsonl` to an MLflow run while a training writes it."""

import json
import re
import threading
import time
from typing import Any

from kortf import files

# A batch may not hold more (MLflow's REST API).
_METRICS_A_BATCH = 1000


def metrics_of(line: dict[str, Any]) -> dict[str, float]:
    """What a line of `metrics.jsonl` measured, under TensorBoard's names; a warning has nothing.

    Example:
        >>> metrics_of({"step": 10, "time": 1.5, "loss": 2.5, "rtd_auc": None})
        {'train/loss': 2.5}
        >>> metrics_of({"step": 10, "time": 1.5, "eval/masked_lm_loss": 2.0})
        {'eval/masked_lm_loss': 2.0}
    """
    if "warning" in line:
        return {}
    metrics = {}
    for name, value in line.items():
        if name not in ("step", "time") and value is not None:  # null was not finite
            name = re.sub(r"[^\w.\- :/]", "_", name)  # MLflow takes no others
            metrics[name if "/" in name else f"train/{name}"] = value
    return metrics


class MetricsFollower:
    """Reads what is added to `metrics.jsonl` and sends it, in a thread of its own.

    The file is the queue: what could not be sent is read again. So training never waits for a
    tracking server, and one that was away for a while misses nothing.

    Args:
        client: an `MlflowClient`.
        run_id: of the run that takes the metrics.
        path: of `metrics.jsonl`; it may only grow from now on.
        last_steps: metric to the last step that the run has already.
        retry_seconds: until a server that failed is asked again.
    """

    def __init__(
        self,
        client,
        run_id: str,
        path: str,
        last_steps: dict[str, int],
        retry_seconds: float = 30.0,
    ):
        self._client = client
        self._run_id = run_id
        self._path = path
        self._last_steps = dict(last_steps)
        self._retry_seconds = retry_seconds
        self._position = 0
        self._problem: Exception | None = None
        self._news, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="mlflow", daemon=True)
        self._news.set()
        self._thread.start()

    @property
    def problem(self) -> Exception | None:
        """Why the last attempt failed; None when it did not."""
        return self._problem

    def wake(self) -> None:
        """Says that the file has grown."""
        self._news.set()

    def close(self, seconds: float) -> bool:
        """Sends the rest and ends the thread.

        Args:
            seconds: how long this may take.

        Returns:
            Whether everything was sent.
        """
        self._closing.set()
        self._news.set()
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._problem = self._problem or TimeoutError(f"no answer in {seconds:.0f} s")
        return self._problem is None

    def _work(self) -> None:
        while True:
            self._news.wait()
            self._news.clear()
            last = self._closing.is_set()
            try:
                self._send()
                self._problem = None
            except Exception as error:  # whatever it is, it must not end a training
                self._problem = error
                # A server that is away is not asked at every line.
                self._closing.wait(self._retry_seconds)
                self._news.set()
            if last:
                return

    def _send(self) -> None:
        from mlflow.entities import Metric

        if not files.exists(self._path):
            return
        with files.open_file(self._path) as file:
            file.seek(self._position)
            data = file.read()
        data = data[: data.rfind(b"\n") + 1]  # the last line may be half written
        metrics: list[Metric] = []
        for row in data.splitlines():
            line = json.loads(row)
            for name, value in metrics_of(line).items():
                if line["step"] > self._last_steps.get(name, -1):
                    milliseconds = int(line.get("time", time.time()) * 1000)
                    metrics.append(Metric(name, value, milliseconds, line["step"]))
        for start in range(0, len(metrics), _METRICS_A_BATCH):
            batch = metrics[start : start + _METRICS_A_BATCH]
            self._client.log_batch(self._run_id, metrics=batch, synchronous=True)
            self._last_steps.update((metric.key, metric.step) for metric in batch)
        self._position += len(data)
