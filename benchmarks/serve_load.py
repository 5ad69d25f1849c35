"""`kortf serve` under load: overhead, throughput, tail latency, memory, version swaps, SIGTERM.

    python -m benchmarks.serve_load --saved_model=SAVED_MODEL --input=FILE [--requests=5000]

Each client keeps one connection and sends the next text when it has the answer. Clients and server
share the machine. `--parts` chooses among the parts; each prints one line.
"""

import asyncio
import contextlib
import json
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from absl import app, flags

FLAGS = flags.FLAGS
PARTS = ("overhead", "throughput", "swaps", "sigterm")
flags.DEFINE_string("saved_model", None, "SavedModel of a classifier.", required=True)
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_integer("requests", 5000, "Requests of the throughput part.")
flags.DEFINE_integer("clients", 64, "Clients at once.")
flags.DEFINE_integer("swaps", 20, "Version swaps.")
flags.DEFINE_list("parts", list(PARTS), "Parts to run.")
NAME = "model"
SHORT = "정말 재미있는 영화였다"


class Server:
    """A running `kortf serve` over version directories."""

    def __init__(self, directory: pathlib.Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [sys.executable, "-m", "kortf", "serve", f"--model={NAME}={directory}"]
        command += [f"--port={self.port}", "--grpc_port=0", "--poll_seconds=0.5"]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            if self.process.poll() is not None:
                raise SystemExit("kortf serve ended; run it by hand to see why")
            time.sleep(0.05)

    def memory(self) -> float:
        """Return the resident memory in MB."""
        pages = pathlib.Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def end(self) -> None:
        """Stop the server."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


class Client:
    """One HTTP connection; a failed request is counted and opens a new one."""

    def __init__(self, port: int):
        self._port, self._streams = port, None
        self.seconds: list[float] = []
        self.failed: list[str] = []

    async def ask(self, text: str) -> str:
        """Send one text; return the label, "" if the request failed."""
        body = json.dumps({"instances": [text]}).encode()
        head = f"POST /v1/models/{NAME}:predict HTTP/1.1\r\nHost: localhost\r\n"
        head += f"Content-Length: {len(body)}\r\n\r\n"
        began = time.perf_counter()
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            writer.write(head.encode() + body)
            answer = await reader.readuntil(b"\r\n\r\n")
            fields = answer.lower().split(b"content-length: ")[1]
            content = await reader.readexactly(int(fields.split(b"\r\n")[0]))
            self.seconds.append(time.perf_counter() - began)
            if b" 200 " in answer.split(b"\r\n")[0]:
                return json.loads(content)["predictions"][0]["label"]
            self.failed.append(content.decode("utf-8", "replace")[:200])
        except (OSError, asyncio.IncompleteReadError) as error:
            self.failed.append(type(error).__name__)
            self._streams = None
        return ""


async def load(port: int, texts: list[str], count: int, stop=lambda: False) -> list[Client]:
    """Send `count` texts by all clients together, or until `stop()`."""
    clients, numbers = [Client(port) for _ in range(FLAGS.clients)], iter(range(count))

    async def work(client: Client) -> None:
        for number in numbers:
            if stop():
                return
            await client.ask(texts[number % len(texts)])

    await asyncio.gather(*map(work, clients))
    return clients


def in_process(texts: list[str]) -> tuple[float, float]:
    """Return the median seconds of one short text, and rows a second in batches of 32."""
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  its operations are in the graph

    model = tf.saved_model.load(FLAGS.saved_model)
    function = model.signatures["serving_default"]

    def run(rows):
        began = time.perf_counter()
        function(text=tf.constant(rows))["label"].numpy()
        return time.perf_counter() - began

    one = statistics.median([run([SHORT]) for _ in range(110)][10:])
    batches = [texts[i : i + 32] for i in range(0, 32 * 16, 32)]
    seconds = [run(rows) for _ in range(3) for rows in batches][16:]
    return one, 32 * len(seconds) / sum(seconds)


def percentile(values: list[float], share: float) -> float:
    """Return a percentile in milliseconds."""
    return sorted(values)[int(share * (len(values) - 1))] * 1e3


def throughput(server: Server, texts: list[str], rate: float) -> None:
    """Rows a second, latency and memory with all clients."""
    asyncio.run(load(server.port, texts, FLAGS.requests // 5))
    before, began = server.memory(), time.perf_counter()
    clients = asyncio.run(load(server.port, texts, FLAGS.requests))
    rows = FLAGS.requests / (time.perf_counter() - began)
    times = [value for client in clients for value in client.seconds]
    failed = sum(len(client.failed) for client in clients)
    print(f"throughput: {FLAGS.clients} clients, {rows:,.0f} rows/s; the graph {rate:,.0f}", end="")
    print(f"; p50 {percentile(times, 0.5):.1f} ms, p99 {percentile(times, 0.99):.1f} ms", end="")
    print(f"; {failed} failed of {FLAGS.requests:,}", end="")
    print(f"; memory {before:,.0f} to {server.memory():,.0f} MB", flush=True)


def overhead(server: Server, alone: float) -> None:
    """Latency of one client against the call in Python, and the first request."""
    client = Client(server.port)

    async def ask() -> None:
        for _ in range(200):
            await client.ask(SHORT)

    asyncio.run(ask())
    median = statistics.median(client.seconds[10:])
    print(
        f"overhead: one text {median * 1e3:.2f} ms by HTTP, {alone * 1e3:.2f} ms in Python, "
        f"{(median - alone) * 1e3:.2f} ms more; first request {client.seconds[0] * 1e3:.2f} ms",
        flush=True,
    )


def swaps(server: Server, root: pathlib.Path, texts: list[str]) -> None:
    """Failed requests while versions replace each other."""
    finished = asyncio.Event()

    async def swap() -> None:
        for version in range(2, 2 + FLAGS.swaps):
            beside = root.parent / "beside"
            await asyncio.to_thread(shutil.copytree, FLAGS.saved_model, beside)
            beside.rename(root / str(version))
            while await asyncio.to_thread(newest, server.port) < version:
                await asyncio.sleep(0.1)
        finished.set()

    async def both() -> list[Client]:
        _, clients = await asyncio.gather(
            swap(), load(server.port, texts, 1 << 30, finished.is_set)
        )
        return clients

    clients = asyncio.run(both())
    count = sum(len(client.seconds) for client in clients)
    failed = [text for client in clients for text in client.failed]
    print(f"swaps: {FLAGS.swaps}; {len(failed)} failed of {count:,}", *failed[:3], flush=True)


def newest(port: int) -> int:
    """Return the version that answers."""
    import urllib.request

    with urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models/{NAME}") as response:
        found = json.load(response)["model_version_status"]
    return max(int(each["version"]) for each in found if each["state"] == "AVAILABLE")


def sigterm(server: Server, texts: list[str]) -> None:
    """Requests without an answer when the server is told to stop under load."""
    began, sent = time.monotonic(), []

    def stop() -> bool:
        if time.monotonic() > began + 2 and not sent:
            sent.append(server.process.send_signal(signal.SIGTERM))
        return bool(sent)

    clients = asyncio.run(load(server.port, texts, 1 << 30, stop))
    status = server.process.wait(60)
    failed = [text for client in clients for text in client.failed]
    count = sum(len(client.seconds) for client in clients)
    print(
        f"SIGTERM: {len(failed)} lost of {count:,}; exit status {status}", *failed[:3], flush=True
    )


def main(argv) -> None:
    del argv
    with open(FLAGS.input, encoding="utf-8") as file:
        texts = [line.strip() for line, _ in zip(file, range(4096), strict=False)]
    alone, rate = in_process(texts)
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory, "versions")
        shutil.copytree(FLAGS.saved_model, root / "1")
        server = Server(root)
        try:
            if "overhead" in FLAGS.parts:
                overhead(server, alone)
            if "throughput" in FLAGS.parts:
                throughput(server, texts, rate)
            if "swaps" in FLAGS.parts:
                swaps(server, root, texts)
            if "sigterm" in FLAGS.parts:
                sigterm(server, texts)
        finally:
            if server.process.poll() is None:
                server.end()


if __name__ == "__main__":
    app.run(main)
