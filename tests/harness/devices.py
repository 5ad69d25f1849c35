"""TensorFlow as the tests use it: two logical devices, and what a module leaves behind is freed.

Import both names into the conftest of a tier.
"""

import gc
import os
import pathlib

import keras
import pytest
import tensorflow as tf
from tensorflow.python.util import tf_stack

# So that one replica is compared with two in every test.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


# Each operation of a graph records the Python stack, which is deep under pytest: a fifth of the
# time to trace. KORTF_TEST_STACKS=1 keeps the lines of the code in errors of a graph.
if not os.environ.get("KORTF_TEST_STACKS"):
    _stack = tf_stack.extract_stack()
    tf_stack.extract_stack = lambda stacklevel=1: _stack

# Exclude the imported modules from garbage collection: they are never freed.
gc.collect()
gc.freeze()
GROWTH_MB = 500
_kept_mb = 0


@pytest.fixture(scope="module", autouse=True)
def free_functions():
    """Free graphs and kernels when the modules of a worker have left enough of them."""
    global _kept_mb
    yield
    if _resident_mb() > _kept_mb + GROWTH_MB:
        keras.backend.clear_session()
        gc.collect()
        _kept_mb = _resident_mb()


def _resident_mb() -> int:
    pages = int(pathlib.Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
