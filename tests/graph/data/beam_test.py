"""Records by Apache Beam: the bytes that worker processes make, errors in one line."""

import errno
import gzip
import os
import subprocess
import sys
import time

import pytest

from kortf import files
from kortf.data import workers
from kortf.data.records.plan import RecordsSettings
from kortf.data.records.shard_counts import ShardCounts
from kortf.errors import InputError

pytest.importorskip("apache_beam", reason="the `beam` extra is not installed: make test-beam")

from kortf.data.beam import BeamRunner, Reporting, read_error  # noqa: E402


@pytest.fixture
def only_beam(monkeypatch):
    """`only_beam()`: from now on nothing but a pipeline may make shards."""
    return lambda: monkeypatch.setattr(workers, "run_jobs", None)


@pytest.fixture
def runner():
    return BeamRunner("DirectRunner", [])


def contents(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


@pytest.mark.parametrize("pairing", ["none", "sentence_order"])
def test_same_bytes_as_without_beam(
    in_process, only_beam, write, corpus, tmp_path, runner, pairing
):
    packed = tmp_path / "more.txt.gz"
    packed.write_bytes(gzip.compress(corpus.read_bytes()[:5000]))
    settings = RecordsSettings(seq_length=32, pairing=pairing, shards=3, seed=7)
    write([corpus, packed], tmp_path / "here", settings)
    only_beam()
    write([corpus, packed], tmp_path / "beam", settings, runner=runner)
    assert contents(tmp_path / "here") == contents(tmp_path / "beam")


def test_processes_make_the_same_bytes(in_process, only_beam, write, corpus, tmp_path):
    settings = RecordsSettings(seq_length=32, shards=2)
    write([corpus], tmp_path / "here", settings)
    only_beam()
    runner = BeamRunner("DirectRunner", [], workers=2)
    write([corpus], tmp_path / "beam", settings, runner=runner)
    assert contents(tmp_path / "here") == contents(tmp_path / "beam")


def test_remote_text_and_records(in_process, only_beam, write, corpus, tmp_path, runner):
    """TensorFlow's file system in memory is as remote as any: all goes by its addresses."""
    import tensorflow as tf

    settings = RecordsSettings(seq_length=32, shards=3)
    packed = tmp_path / "more.txt.gz"
    packed.write_bytes(gzip.compress(corpus.read_bytes()[:5000]))
    write([corpus, packed], tmp_path / "here", settings)
    only_beam()
    away = f"ram://{tmp_path.name}"
    for path in (corpus, packed):
        with tf.io.gfile.GFile(f"{away}/{path.name}", "wb") as file:
            file.write(path.read_bytes())
    paths = [f"{away}/{path.name}" for path in (corpus, packed)]
    info = write(paths, f"{away}/records", settings, runner=runner)
    assert files.listdir(f"{away}/records") == [*(s.file for s in info.shards), "records.json"]
    for path in info.shard_paths(f"{away}/records"):
        here = tmp_path / "here" / os.path.basename(path)
        assert tf.io.gfile.GFile(path, "rb").read() == here.read_bytes()


@pytest.fixture
def job_server(tmp_path):
    """The address of Beam's own job server; Flink and Spark have one that speaks the same."""
    port_file = tmp_path / "port"
    program = "apache_beam.runners.portability.local_job_service_main"
    argv = [sys.executable, "-m", program, "--job_port=0", f"--port_file={port_file}"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(argv, **quiet)
    deadline = time.monotonic() + 60
    while not (port_file.exists() and port_file.read_text()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)
    yield f"localhost:{port_file.read_text()}"
    process.terminate()
    process.wait()


def test_a_job_server_makes_the_same_bytes(
    in_process, only_beam, write, corpus, tmp_path, job_server
):
    settings = RecordsSettings(seq_length=32, shards=3)
    write([corpus], tmp_path / "here", settings)
    only_beam()
    options = [f"--job_endpoint={job_server}", "--environment_type=LOOPBACK"]
    runner = BeamRunner("PortableRunner", options)
    write([corpus], tmp_path / "beam", settings, runner=runner)
    assert contents(tmp_path / "here") == contents(tmp_path / "beam")
    bad = tmp_path / "a.jsonl"
    bad.write_text('{"text": "가"}\n{"text": \n')
    with pytest.raises(InputError, match="a.jsonl, line 2: not JSON"):
        write([bad], tmp_path / "bad", settings, runner=runner)


def test_a_job_server_that_is_not_there_is_one_line(write, corpus, tmp_path):
    options = ["--job_endpoint=localhost:9", "--job_server_timeout=1"]
    runner = BeamRunner("PortableRunner", [*options, "--environment_type=LOOPBACK"])
    settings = RecordsSettings(seq_length=32, shards=2)
    with pytest.raises(InputError, match="--runner=PortableRunner: .*run the same command again"):
        write([corpus], tmp_path / "beam", settings, runner=runner)


def test_only_missing_shards_are_made(in_process, only_beam, write, corpus, tmp_path, runner):
    settings = RecordsSettings(seq_length=32, shards=3)
    info = write([corpus], tmp_path / "whole", settings)
    write([corpus], tmp_path / "out", settings)
    # As after a kill: two shards with their sidecars, a third half-written, no records.json.
    (tmp_path / "out" / "records.json").unlink()
    for index in (0, 1):
        shard = info.shards[index]
        counts = {name: getattr(shard, name) for name in ("records", "tokens", "documents")}
        counts |= {"bytes": shard.bytes, "crc32": shard.crc32, "unknown": info.unknown}
        ShardCounts(info.key, **counts).write(str(tmp_path / "out"), index, 3)
    last = tmp_path / "out" / info.shards[2].file
    last.rename(tmp_path / "out" / f".{last.name}.abc.tmp")
    stamps = [(tmp_path / "out" / info.shards[i].file).stat().st_mtime_ns for i in (0, 1)]
    only_beam()
    write([corpus], tmp_path / "out", settings, runner=runner)
    assert write.said[-1].endswith("resuming, 2 of 3 shards are complete")
    assert stamps == [(tmp_path / "out" / info.shards[i].file).stat().st_mtime_ns for i in (0, 1)]
    names = [shard.file for shard in info.shards]
    whole, out = contents(tmp_path / "whole"), contents(tmp_path / "out")
    assert sorted(out) == sorted(whole)
    assert [whole[name] for name in names] == [out[name] for name in names]


def test_an_error_names_file_and_line(only_beam, write, tmp_path, runner):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "가"}\n{"text": \n')
    settings = RecordsSettings(seq_length=32, shards=2)
    only_beam()
    with pytest.raises(InputError, match="a.jsonl, line 2: not JSON"):
        write([path], tmp_path / "out", settings, runner=runner)
    assert not (tmp_path / "out").exists()


def test_a_full_disk_is_told_and_the_rest_is_left(tmp_path):
    note = str(tmp_path / ".records-error.tmp")
    done = []

    def work(element):
        done.append(element)
        raise OSError(errno.ENOSPC, "No space left on device", "shard")

    for element in range(3):
        Reporting(work, note)(element)
    assert done == [0]
    error = read_error(note)
    assert (error.errno, error.filename) == (errno.ENOSPC, "shard")


def test_ctrl_c_inside_a_pipeline_is_ctrl_c(tmp_path):
    def work(element):
        raise KeyboardInterrupt

    note = str(tmp_path / ".records-error.tmp")
    Reporting(work, note)(1)
    assert isinstance(read_error(note), KeyboardInterrupt)


def test_what_nobody_can_mend_is_thrown(tmp_path):
    def work(element):
        raise KeyError("a fault of ours")

    with pytest.raises(KeyError):
        Reporting(work, str(tmp_path / "note"))(1)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("NoRunner", [], "--runner=NoRunner: there is no such runner; choose DirectRunner"),
        ("DirectRunner", ["--parallel=3"], "it has no option --parallel; correct"),
        ("DirectRunner", ["--direct_num_workers=x"], "invalid int value: 'x'"),
    ],
)
def test_runners_that_cannot_be(name, options, words):
    with pytest.raises(InputError, match=words):
        BeamRunner(name, options)
