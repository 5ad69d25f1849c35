"""`kortf serve` under load: overhead, throughput, tail latency, memory, version swaps, SIGTERM.

    python -m benchmarks.serve_load --saved_model=SAVED_MODEL --input=FILE [--seconds=20]

Each client keeps one connection and sends the next text when it has the answer. The graph in Python
runs in a process of its own. Clients and server share the machine, so throughput and memory are
measured with `wrk`, whose clients cost little (`apt-get install wrk`). `--parts` chooses among the
parts; each prints one line.
"""

import asyncio
import concurrent.futures
import contextlib
import json
import multiprocessing
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
PARTS = ("overhead", "throughput", "memory", "swaps", "sigterm")
flags.DEFINE_string("saved_model", None, "SavedModel of a classifier.", required=True)
flags.DEFINE_string("input", None, "File of texts, one a line.", required=True)
flags.DEFINE_integer("requests", 100_000, "Requests of the memory part.")
flags.DEFINE_integer("seconds", 20, "Time of the throughput part, twice.")
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


_graph = None  # of the process that calls it


def _load(directory: str) -> None:
    """Load the graph in the process of the Python rival."""
    global _graph
    import tensorflow as tf
    import tensorflow_text  # noqa: F401  its operations are in the graph

    _graph = tf.saved_model.load(directory)
    _call([SHORT], 10)


def _call(rows: list[str], times: int = 1) -> list[float]:
    """Call the graph; return the seconds of each call."""
    import tensorflow as tf

    assert _graph is not None  # it holds the variables of its signatures
    function, seconds = _graph.signatures["serving_default"], []
    for _ in range(times):
        began = time.perf_counter()
        function(text=tf.constant(rows))["label"].numpy()
        seconds.append(time.perf_counter() - began)
    return seconds


class Python:
    """The graph, called from Python in a process of its own."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self._pool = concurrent.futures.ProcessPoolExecutor(1, context, _load, (FLAGS.saved_model,))

    def run(self, rows: list[str], times: int = 1) -> list[float]:
        """Return the seconds of each of so many calls."""
        return self._pool.submit(_call, rows, times).result()


def overhead(server: Server, python: Python) -> None:
    """Latency of one client against the call in Python, in turns, and of the first request."""
    client, alone = Client(server.port), []

    async def ask() -> None:
        for _ in range(20):
            for _ in range(50):
                await client.ask(SHORT)
            alone.extend(python.run([SHORT], 50))

    asyncio.run(ask())
    first, *times = client.seconds
    http, called = statistics.median(times) * 1e3, statistics.median(alone) * 1e3
    print(
        f"overhead: one text {http:.2f} ms by HTTP, {called:.2f} ms in Python, "
        f"{http - called:.2f} ms more; first request {first * 1e3:.2f} ms",
        flush=True,
    )


SCRIPT = """
local bodies, i = {}, 0
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
local headers = {["Content-Type"] = "application/json"}
request = function()
  i = i % #bodies + 1
  return wrk.format("POST", nil, headers, bodies[i])
end
done = function(summary, latency, requests)
  local e = summary.errors
  print(string.format("RESULT %d %f %f %f %d", summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3,
    e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def wrk(port: int, texts: list[str], seconds: int) -> tuple[float, float, float, float, float]:
    """Return requests, seconds, 50th and 99th percentile in ms, and failed requests."""
    with tempfile.TemporaryDirectory() as directory:
        script, bodies = pathlib.Path(directory, "script.lua"), pathlib.Path(directory, "bodies")
        script.write_text(SCRIPT)
        lines = (json.dumps({"instances": [text]}) for text in texts)
        bodies.write_text("\n".join(lines) + "\n")
        url = f"http://127.0.0.1:{port}/v1/models/{NAME}:predict"
        command = ["wrk", "-t1", f"-c{FLAGS.clients}", f"-d{seconds}s", "--timeout=30s", "-s"]
        done = subprocess.run(
            [*command, str(script), url], env={**os.environ, "BODIES": str(bodies)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    (result,) = (line for line in done.stdout.splitlines() if line.startswith("RESULT"))
    return tuple(map(float, result.split()[1:]))


def throughput(server: Server, texts: list[str], python: Python) -> None:
    """Rows a second and latency with all clients, against the graph in batches of 32."""
    batches = [texts[i : i + 32] for i in range(0, len(texts) - 31, 32)]
    rates, found = [], []
    wrk(server.port, texts, 2)
    for number in range(2):  # in turns
        end, rows, busy = time.monotonic() + FLAGS.seconds / 2, 0, 0.0
        while time.monotonic() < end:
            batch = batches[rows // 32 % len(batches)]
            busy, rows = busy + sum(python.run(batch)), rows + 32
        rates.append(rows / busy)
        found.append(wrk(server.port, texts, FLAGS.seconds // 2))
        if not number:
            rates.clear()  # shapes were new
            found.clear()
    count, seconds, middle, tail, failed = found[-1]
    print(
        f"throughput: {FLAGS.clients} clients, {count / seconds:,.0f} rows/s; the graph "
        f"{rates[-1]:,.0f}, {count / seconds / rates[-1]:.0%}; p50 {middle:.1f} ms, "
        f"p99 {tail:.1f} ms, {tail / middle:.1f} x; {failed:.0f} failed of {count:,.0f}",
        flush=True,
    )


def memory(server: Server, texts: list[str]) -> None:
    """Resident memory over many requests."""
    sizes, sent, failed = [], 0.0, 0.0
    while sent < FLAGS.requests:
        count, _, _, _, errors = wrk(server.port, texts, 10)
        sent, failed = sent + count, failed + errors
        sizes.append(server.memory())
    least, most = min(sizes[1:] or sizes), max(sizes)
    print(
        f"memory: {sizes[0]:,.0f} MB after the first 10 s, {sizes[-1]:,.0f} MB after {sent:,.0f} "
        f"requests; from {least:,.0f} to {most:,.0f} MB; {failed:.0f} failed",
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
    python = Python() if {"overhead", "throughput"} & set(FLAGS.parts) else None
    with tempfile.TemporaryDirectory() as directory:
        root = pathlib.Path(directory, "versions")
        shutil.copytree(FLAGS.saved_model, root / "1")
        server = Server(root)
        try:
            if "overhead" in FLAGS.parts:
                overhead(server, python)
            if "throughput" in FLAGS.parts:
                throughput(server, texts, python)
            if "memory" in FLAGS.parts:
                memory(server, texts)
            if "swaps" in FLAGS.parts:
                swaps(server, root, texts)
            if "sigterm" in FLAGS.parts:
                sigterm(server, texts)
        finally:
            if server.process.poll() is None:
                server.end()


if __name__ == "__main__":
    app.run(main)
