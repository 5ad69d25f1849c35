"""`kortf records` and `kortf clean` on a Dask cluster of this machine, of which a worker is killed.

    python -m benchmarks.dask_cluster --megabytes=30 --workdir=runs/dask

The cluster is a scheduler and two worker processes of one thread. When the first shard or part of a
command is finished, one worker gets SIGKILL; its nanny starts another one. The SHA-256 of each file
must equal that of the command without a cluster. Reported are MB of text a CPU second of the
workers, and the peak resident memory of each worker process. Needs `pip install '.[beam]'`.
"""

import contextlib
import glob
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from absl import app, flags

from kortf import files

FLAGS = flags.FLAGS
flags.DEFINE_list(
    "input",
    ["data/kowiki/*_0[01].txt", "data/nsmc/reviews.txt", "data/petitions/*2019-05"],
    "Raw text, as globs.",
)
flags.DEFINE_float("megabytes", 30, "Bytes of it that are read, in millions, as much of each file.")
flags.DEFINE_string("vocab", None, "Vocabulary directory; one is trained by default.")
flags.DEFINE_string("workdir", "runs/dask", "Takes everything that is made.")
flags.DEFINE_string("memory_limit", "2GB", "Memory at which a nanny restarts its worker.")
flags.DEFINE_bool("kill", True, "Whether a worker is killed; without, for the rates.")
flags.DEFINE_list("runs", ["records", "clean", "near"], "Commands to run.")

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_POLL = 0.05


@dataclass
class DaskCluster:
    """A running cluster.

    Args:
        address: Address of the scheduler.
        peaks: Peak resident memory by process of a worker, in bytes.
        cpu: CPU seconds by process of a worker.
    """

    address: str
    nannies: list[subprocess.Popen]
    peaks: dict[int, int] = field(default_factory=dict)
    cpu: dict[int, float] = field(default_factory=dict)

    def workers(self) -> list[int]:
        """Return the process ids of the workers, and note their memory and CPU time."""
        import psutil

        found = []
        for nanny in self.nannies:
            with contextlib.suppress(psutil.NoSuchProcess):
                for process in psutil.Process(nanny.pid).children():
                    with contextlib.suppress(psutil.NoSuchProcess, FileNotFoundError, OSError):
                        if "resource_tracker" not in " ".join(process.cmdline()):
                            times = process.cpu_times()
                            self.peaks[process.pid] = _peak(process.pid)
                            self.cpu[process.pid] = times.user + times.system
                            found.append(process.pid)
        return found


def _peak(pid: int) -> int:
    with open(f"/proc/{pid}/status") as file:
        lines = [line for line in file if line.startswith("VmHWM:")]
    return int(lines[0].split()[1]) * 1024 if lines else 0


@contextlib.contextmanager
def dask_cluster(directory: str, memory_limit: str, workers: int = 2) -> Iterator[DaskCluster]:
    """Start a scheduler and workers as processes of this machine, and stop them at the end.

    Args:
        directory: Takes the files and logs of the cluster.
        memory_limit: Memory at which a nanny restarts its worker, such as `2GB`.
        workers: Number of worker processes.
    """
    os.makedirs(directory, exist_ok=True)
    address = os.path.join(directory, "scheduler.json")
    files.remove(address)
    with contextlib.ExitStack() as stack:
        log = stack.enter_context(open(os.path.join(directory, "cluster.log"), "w"))

        def start(module: str, *arguments: str) -> subprocess.Popen:
            command = [sys.executable, "-m", module, f"--scheduler-file={address}", *arguments]
            process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)
            stack.callback(_stop, process)
            return process

        start("distributed.cli.dask_scheduler", "--port=0", "--no-dashboard", "--host=127.0.0.1")
        options = ("--nthreads=1", "--no-dashboard", f"--memory-limit={memory_limit}")
        options += (f"--local-directory={directory}", "--host=127.0.0.1")
        nannies = [start("distributed.cli.dask_worker", *options) for _ in range(workers)]
        while not os.path.exists(address):
            time.sleep(_POLL)
        yield DaskCluster(files.read_json(address)["address"], nannies)


def _stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run_on(
    cluster: DaskCluster, command: list[str], finished: str, kill: bool = True
) -> tuple[float, int]:
    """Run a command on a cluster, and kill one worker when the first file is finished.

    Args:
        cluster: See `dask_cluster`.
        command: Arguments of `kortf`.
        finished: Glob of finished files.
        kill: Whether to kill a worker.

    Returns:
        CPU seconds of the workers, and the number of finished files at the kill, 0 without one.

    Raises:
        SystemExit: The command failed.
    """
    cluster.workers()
    before = dict(cluster.cpu)
    options = ["--runner=DaskRunner", "--", f"--dask_client_address={cluster.address}"]
    process = subprocess.Popen([sys.executable, "-m", "kortf", *command, *options], cwd=ROOT)
    killed = 0
    while process.poll() is None:
        workers = cluster.workers()
        if kill and not killed and workers:
            killed = len(glob.glob(finished, include_hidden=True))
            if killed:
                os.kill(workers[0], 9)
        time.sleep(_POLL)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with status {process.returncode}")
    return sum(cluster.cpu.values()) - sum(before.values()), killed


def hashes(directory: str) -> dict[str, str]:
    """Return the SHA-256 of each file in a directory, by name."""
    return {name: files.sha256_of(os.path.join(directory, name)) for name in os.listdir(directory)}


def compare(
    cluster: DaskCluster, name: str, command: list[str], directory: str, kill: bool = True
) -> dict:
    """Run a command without and with a cluster, and compare what they write.

    Args:
        cluster: See `dask_cluster`.
        name: Name of the run.
        command: Arguments of `kortf`, without `--output`.
        directory: Takes both outputs.
        kill: Whether to kill a worker.

    Returns:
        `equal`, `files`, `finished_at_kill` and CPU seconds of both runs.
    """
    here, there = (os.path.join(directory, f"{name}-{where}") for where in ("here", "cluster"))
    files.remove(here)
    files.remove(there)
    before = _children_cpu()
    local = [sys.executable, "-m", "kortf", *command, f"--output={here}", "--workers=2"]
    subprocess.run(local, cwd=ROOT, check=True)
    alone = _children_cpu() - before
    sidecar = ".records-*.json" if command[0] == "records" else ".work-*/part-*.json"
    on_cluster = [*command, f"--output={there}"]
    cpu, killed = run_on(cluster, on_cluster, os.path.join(there, sidecar), kill)
    one, other = hashes(here), hashes(there)
    return {
        "equal": one == other,
        "files": len(one),
        "finished_at_kill": killed,
        "cpu_seconds": cpu,
        "cpu_seconds_without_cluster": alone,
    }


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def cut_input(patterns: list[str], size: int, directory: str) -> str:
    """Write the first lines of each file, `size` bytes together, to a directory.

    Each tenth row of JSON comes again with a word more: a near duplicate.

    Returns:
        A glob of the files that are written.
    """
    files.remove(directory)
    os.makedirs(directory)
    sources, rows = files.expand(patterns), 0
    for number, source in enumerate(sources):
        target = os.path.join(directory, f"{number:03d}-{os.path.basename(source)}")
        with open(source, "rb") as file, open(target, "wb") as out:
            while out.tell() < size / len(sources) and (line := file.readline()):
                out.write(line)
                rows += line.startswith(b"{")
                if line.startswith(b"{") and rows % 10 == 0:
                    out.write(line.replace(b'"content": "', b'"content": "again '))
    return os.path.join(directory, "*")


def main(argv: list[str]) -> None:
    directory = os.path.abspath(FLAGS.workdir)
    os.makedirs(directory, exist_ok=True)
    text = cut_input(FLAGS.input, int(FLAGS.megabytes * 1e6), os.path.join(directory, "text"))
    vocab = FLAGS.vocab
    if not vocab:
        vocab = os.path.join(directory, "vocab")
        train = [f"--input={text}", f"--output={vocab}", "--size=8000"]
        subprocess.run([sys.executable, "-m", "kortf", "vocab", *train], cwd=ROOT, check=True)
    commands = {
        "records": ["records", f"--input={text}", f"--vocab={vocab}"],
        "clean": ["clean", f"--input={text}"],
        "near": ["clean", f"--input={text}", "--config.near.threshold=0.8"],
    }
    size = sum(map(os.path.getsize, glob.glob(text))) / 1e6
    for name in FLAGS.runs:
        with dask_cluster(os.path.join(directory, "cluster"), FLAGS.memory_limit) as cluster:
            found = compare(cluster, name, commands[name], directory, FLAGS.kill)
        found |= {
            "megabytes": size,
            "megabytes_per_cpu_second": size / found["cpu_seconds"],
            "peak_megabytes": [peak / 1e6 for peak in cluster.peaks.values()],
        }
        report = os.path.join(directory, f"{name}-cluster", "clean.json")
        if os.path.exists(report):
            rules = files.read_json(report)["rules"]
            same = ("duplicates.documents", "near")
            found["dropped"] = {rule: rules[rule]["dropped"] for rule in same if rule in rules}
        print(name, json.dumps(found, indent=2), flush=True)
        if not found["equal"] or FLAGS.kill != bool(found["finished_at_kill"]):
            sys.exit(f"{name}: the files differ, or no worker was killed")


if __name__ == "__main__":
    app.run(main)
