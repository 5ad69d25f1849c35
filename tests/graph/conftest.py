"""Set up TensorFlow for the tests on tiny tensors."""

from tests.harness.devices import free_functions  # noqa: F401
