"""Set up TensorFlow for the tests against torch, transformers and scikit-learn."""

from tests.harness.devices import free_functions  # noqa: F401
