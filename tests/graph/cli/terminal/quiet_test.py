"""TensorFlow prints nothing of its own on stderr."""

import subprocess
import sys

import pytest


@pytest.mark.exhaustive
def test_tensorflow_loads_silently():
    program = (
        "from kortf.cli.terminal.quiet import hush_tensorflow\n"
        "hush_tensorflow()\n"
        "import sys, tensorflow as tf\n"
        "tf.constant(1)\n"
        "print('heard', file=sys.stderr)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "heard\n")
