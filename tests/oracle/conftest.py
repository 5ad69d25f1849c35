"""Set up TensorFlow for the tests against torch, transformers and scikit-learn."""

from tests.harness import devices  # noqa: F401
