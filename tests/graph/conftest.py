"""Set up TensorFlow for the tests on tiny tensors."""

from tests.harness import devices  # noqa: F401
