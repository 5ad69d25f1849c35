"""The examples in docstrings are true."""

import doctest
import importlib
import pkgutil

import pytest

from kortf import metrics


@pytest.mark.parametrize("name", [module.name for module in pkgutil.iter_modules(metrics.__path__)])
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"kortf.metrics.{name}"))
    assert result.attempted > 0
    assert result.failed == 0
