"""One JSON line on stderr for each request, without its text."""

import json
import sys
import threading
import time

_LOCK = threading.Lock()


def log_request(protocol: str, path: str, status: str, seconds: float, **more) -> None:
    """Write one line.

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
