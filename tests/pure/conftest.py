"""Hold the tests of this tier to what they promise: TensorFlow is never imported."""

import sys

import pytest


@pytest.fixture(autouse=True)
def no_tensorflow():
    """Fail a test that imports TensorFlow into this process."""
    before = "tensorflow" in sys.modules  # tests of another tier run in the same worker
    yield
    assert before or "tensorflow" not in sys.modules, "move this test to tests/graph"
