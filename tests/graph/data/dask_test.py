"""Records and cleaned text by a Dask cluster of which a worker is killed: the same bytes."""

import json
import subprocess
import sys

import pytest

from tests.pure.clean.grouping_test import corpus  # noqa: F401

pytest.importorskip("apache_beam", reason="the `beam` extra is not installed: make test-beam")
pytest.importorskip("distributed", reason="the `beam` extra is not installed: make test-beam")
pytestmark = pytest.mark.exhaustive


@pytest.mark.parametrize("run", ["records", "clean", "near"])
def test_a_killed_worker_changes_no_byte(corpus, tmp_path, run):  # noqa: F811
    """The benchmark ends with an error where files differ or no worker could be killed."""
    argv = [f"--input={','.join(map(str, corpus))}", "--megabytes=1", f"--runs={run}"]
    command = [sys.executable, "-m", "benchmarks.dask_cluster", *argv]
    command.append(f"--workdir={tmp_path / 'work'}")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout[done.stdout.index(f"{run} {{") + len(run) :])
    assert found["equal"] and found["finished_at_kill"]
    if run != "records":
        dropped = {"clean": ["duplicates.documents"], "near": ["duplicates.documents", "near"]}
        assert all(found["dropped"][name] >= 12 for name in dropped[run])
