"""Set up TensorFlow for the tests of whole commands and runs."""

from tests.harness import devices  # noqa: F401
