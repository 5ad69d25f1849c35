"""Prometheus metrics and the request log of a server."""

import json
import sys
import threading
import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)
_LOCK = threading.Lock()


class Metrics:
    """Counts of requests and times, by model, protocol and status.

    Args:
        store: A `kortf.export.serve.model_store.ModelStore`.
    """

    def __init__(self, store):
        self._registry = CollectorRegistry()
        names = ("model", "protocol", "status")
        self._requests = Counter(
            "kortf_requests", "Requests that were answered.", names, registry=self._registry
        )
        self._rows = Counter("kortf_rows", "Rows that were answered.", ["model"],
                             registry=self._registry)  # fmt: skip
        self._seconds = Histogram(
            "kortf_request_seconds", "Time from request to answer.", ["model", "protocol"],
            buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        version = Gauge("kortf_model_version", "Version that answers.", ["model"],
                        registry=self._registry)  # fmt: skip
        waiting = Gauge("kortf_queue_rows", "Rows that wait or are computed.", ["model"],
                        registry=self._registry)  # fmt: skip
        for name in store.names:
            version.labels(name).set_function(lambda n=name: store.get(n).model.version)
            waiting.labels(name).set_function(lambda n=name: store.get(n).rows)

    def count(self, model: str, protocol: str, status: str, rows: int, seconds: float) -> None:
        """Count one request; `model` is "" for requests to no known model."""
        self._requests.labels(model, protocol, status).inc()
        if rows:
            self._rows.labels(model).inc(rows)
        self._seconds.labels(model, protocol).observe(seconds)

    def text(self) -> bytes:
        """Return the metrics in Prometheus' text format."""
        return generate_latest(self._registry)


def log_request(protocol: str, path: str, status: str, seconds: float, **more) -> None:
    """Write one JSON line on stderr for a request, without its text.

    Args:
        protocol: `http` or `grpc`.
        path: Path of the request, without a query.
        status: HTTP status or gRPC code.
        seconds: Time from request to answer.
        more: Further values, such as `model` and `rows`.
    """
    row = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + "Z",
        "protocol": protocol,
        "path": path[:200],
        "status": status,
        "ms": round(seconds * 1e3, 2),
    }
    line = json.dumps(row | more, ensure_ascii=True)
    with _LOCK:
        print(line, file=sys.stderr, flush=True)
