"""Set up TensorFlow for the tests of whole commands and runs."""

from tests.harness.devices import free_functions  # noqa: F401
