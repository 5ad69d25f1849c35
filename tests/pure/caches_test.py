"""A cached result is shared by all callers, so it must be immutable."""

import ast
import pathlib

import pytest

import kortf

_CHANGING = {"list", "dict", "set", "bytearray", "deque", "defaultdict"}
ROOT = pathlib.Path(kortf.__file__).parent


def cached_functions():
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and is_cached(node):
                yield pytest.param(node, id=f"{path.relative_to(ROOT)}:{node.name}")


def is_cached(function):
    names = {ast.unparse(decorator).split("(")[0] for decorator in function.decorator_list}
    return bool(names & {"functools.cache", "functools.lru_cache"})


@pytest.mark.parametrize("function", list(cached_functions()))
def test_a_cached_function_returns_nothing_that_can_grow(function):
    declared = ast.unparse(function.returns) if function.returns else ""
    returned = declared.split("[")[0].split(".")[-1]
    assert returned not in _CHANGING
