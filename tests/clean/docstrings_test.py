"""The examples in docstrings are true, and every rule has one."""

import doctest
import importlib
import pkgutil

import pytest

import kortf.clean

MODULES = sorted(module.name for module in pkgutil.iter_modules(kortf.clean.__path__))
# Their examples are asserted in their own tests.
WITHOUT = {
    "clean", "cleaner", "comparer", "compose", "directory", "drops", "output_builder",
    "output_file", "part_builder", "parts", "passes", "report", "rule", "rules", "settings",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in MODULES if name not in WITHOUT])
def test_examples(name):
    result = doctest.testmod(importlib.import_module(f"kortf.clean.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_only_modules_that_are_there_are_left_out():
    assert set(MODULES) >= WITHOUT
