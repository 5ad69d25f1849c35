"""Freed memory is kept where nothing else was asked for."""

import os
import subprocess
import sys

import pytest

PROBE = """
import resource
import threading
import numpy as np
from kortf.train.loop.health.memory import keep_freed_memory
kept = keep_freed_memory()
def work(count, mebibytes):
    for _ in range(count): np.ones(mebibytes << 17)

def in_a_thread(count):  # where an arena's heap is of 64 MiB
    thread = threading.Thread(target=work, args=[count, 32])
    thread.start()
    thread.join()

work(3, 64)
in_a_thread(3)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
work(10, 64)  # 16,384 pages each
in_a_thread(10)
print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def probe(**environment) -> tuple[bool, int]:
    names = ("LD_PRELOAD", "GLIBC_TUNABLES")
    clean = {k: v for k, v in os.environ.items() if k not in names and "MALLOC_" not in k}
    clean["NUMPY_MADVISE_HUGEPAGE"] = "0"  # a fault of a huge page would map 512
    command = [sys.executable, "-c", PROBE]
    done = subprocess.run(command, env=clean | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    kept, faults = done.stdout.split()
    return kept == "True", int(faults)


def test_pages_are_mapped_once():
    kept, faults = probe()
    if not kept:
        pytest.skip("not glibc: its allocator is left alone")
    assert faults < 1000


@pytest.mark.parametrize(
    "environment", [{"KORTF_RETURN_MEMORY": "1"}, {"MALLOC_MMAP_THRESHOLD_": "131072"}]
)
def test_what_somebody_chose_stands(environment):
    kept, faults = probe(**environment)
    assert not kept
    assert faults >= 1000
