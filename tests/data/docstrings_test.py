"""The examples in docstrings are true."""

import doctest
import importlib

import pytest

MODULES = ["data.features", "data.formats", "data.records", "data.shard_counts", "text.sentences"]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"kortf.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
