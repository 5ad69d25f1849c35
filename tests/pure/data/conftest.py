"""Fixtures of the tests that write records."""

from tests.harness.data.fixtures import corpus, in_process, tiny_vocabulary, write  # noqa: F401
