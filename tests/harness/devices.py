"""TensorFlow as the tests use it: two logical devices, and what a module leaves behind is freed.

Import both names into the conftest of a tier.
"""

import gc

import keras
import pytest
import tensorflow as tf

# So that one replica is compared with two in every test.
tf.config.set_logical_device_configuration(
    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
)


@pytest.fixture(scope="module", autouse=True)
def free_functions():
    """Free graphs and kernels after each module; a worker runs hundreds of them."""
    yield
    keras.backend.clear_session()
    gc.collect()
