"""A work directory belongs to one process at a time, and to none that is gone."""

import subprocess
import sys

import pytest

from kortf.errors import InputError
from kortf.locks import lock

HOLD = (
    "import sys; from kortf.locks import lock; lock(sys.argv[1]);"
    " print('held', flush=True); input()"
)


@pytest.fixture
def other(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "run")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait()


def test_another_process_is_refused_and_told_who_is_there(other, tmp_path):
    with pytest.raises(InputError, match=rf"run: another run \(process {other.pid}\) is writing"):
        lock(str(tmp_path / "run"))
    lock(str(tmp_path / "next to it"))


def test_a_lock_goes_with_its_process(other, tmp_path):
    other.kill()
    other.wait()
    lock(str(tmp_path / "run"))
    assert (tmp_path / "run" / ".lock").read_text() != str(other.pid)


def test_the_same_process_may_take_it_again(tmp_path):
    lock(str(tmp_path))
    lock(str(tmp_path))


def test_a_remote_directory_is_left_alone():
    lock("gs://bucket/run")
