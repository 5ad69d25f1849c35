"""Processes of this machine as the workers of a cluster."""

import contextlib
import json
import os
import socket


def environments(workers: int) -> list[dict[str, str]]:
    """The environment of each worker: TF_CONFIG names free ports of this machine."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(workers)]
        for each in sockets:
            each.bind(("localhost", 0))
        hosts = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    tasks = [{"type": "worker", "index": index} for index in range(workers)]
    return [
        dict(os.environ, TF_CONFIG=json.dumps({"cluster": {"worker": hosts}, "task": task}))
        for task in tasks
    ]
