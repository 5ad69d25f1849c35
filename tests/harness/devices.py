"""TensorFlow as the tests use it: two logical devices, and what a module leaves behind is freed.

Import both names into the conftest of a tier.
"""

import gc
import os
import pathlib

import keras
import pytest
import tensorflow as tf

# So that one replica is compared with two in every test.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


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
