"""Find a plug-in by the name of its module: there is no registry to edit.

`find("kortf.objectives", "masked_lm", Objective)` imports `kortf.objectives.masked_lm` and returns
the class that it defines. A dotted name is a module on `PYTHONPATH`, so a plug-in may live outside
of the package. Only the module asked for is imported, and names are listed from the sources.
"""

import abc
import ast
import functools
import importlib
import inspect
import os
import pathlib
import sys
import types
from collections.abc import Mapping
from typing import Any

from kortf.errors import InputError, did_you_mean
from kortf.ranges import check_arguments

PLUGINS = "KORTF_PLUGINS"
_LONGEST_NAME = 200  # bytes; file systems refuse names of more than 255


@functools.cache
def names(package: str, base: type | None = None) -> tuple[str, ...]:
    """Return the names of the plug-ins in a package, sorted, without importing them.

    A module holds a plug-in if its source defines a public class that has a base and is not
    abstract itself.

    Args:
        package: Full name of the package, such as `kortf.objectives`.
        base: Base class of the plug-ins. It is not needed, and only documents the call.
    """
    del base
    top, *rest = package.split(".")
    folder = pathlib.Path(importlib.import_module(top).__path__[0], *rest)
    return tuple(sorted(path.stem for path in folder.glob("*.py") if _holds_plugin(path)))


def find(package: str, name: str, base: type) -> type:
    """Return the subclass of `base` that a module defines.

    Args:
        package: Full name of the package that holds the plug-ins.
        name: Module in the package, or a dotted path of a module on `PYTHONPATH`.
        base: Base class of the plug-ins.

    Raises:
        InputError: There is no such module, or it defines no such class.
    """
    kind = base.__name__.lower()
    found = class_of(load(package, name, kind), base)
    if found is None:
        problem = f"the module defines no concrete subclass of {base.__module__}.{base.__name__}"
        raise InputError(f"{kind} '{name}'", problem, "name the module that defines the class")
    return found


def load(package: str, name: str, kind: str) -> types.ModuleType:
    """Import one plug-in.

    The source of a module outside of the package is read before it is imported: the name may come
    from a `config.json`, which must not be able to run anything but a plug-in of kortf.

    Args:
        package: Full name of the package that holds the plug-ins.
        name: Module in the package, or a module on `PYTHONPATH`.
        kind: Noun for messages, such as "objective".

    Raises:
        InputError: There is no such module, or it holds no plug-in.
    """
    if not isinstance(name, str):
        raise InputError(f"{kind} {name!r}", "a name is a string", "name a module")
    if name in names(package):
        return importlib.import_module(f"{package}.{name}")
    path = _source(name)
    if path is not None and _holds_plugin(path) and _imports_kortf(path):
        return importlib.import_module(name)
    if "." not in name:
        cure = did_you_mean(name, names(package))
        raise InputError(f"{kind} '{name}'", f"there is no such {kind}", cure)
    if path is None:
        cure = "put the folder that holds it on PYTHONPATH"
        raise InputError(f"{kind} '{name}'", "there is no such module", cure)
    raise InputError(
        f"{kind} '{name}'", f"{path} defines no {kind}", f"name the module of a {kind}"
    )


def plugins() -> list[str]:
    """Return the modules that the environment variable `KORTF_PLUGINS` names, comma-separated.

    Model families are found there: a `model_type` names no module.
    """
    return [name.strip() for name in os.environ.get(PLUGINS, "").split(",") if name.strip()]


def name_of(cls: type, package: str) -> str:
    """Return the name by which `find` finds a class: its module, dotted outside of `package`."""
    parent, _, last = cls.__module__.rpartition(".")
    return last if parent == package or not parent else cls.__module__


def build(package: str, name: str, base: type, **arguments):
    """Make an object of the class `find(package, name, base)`.

    Raises:
        InputError: There is no such plug-in, or its class does not take one of the arguments.
    """
    cls = find(package, name, base)
    check_settings(cls, name, name, arguments)
    return cls(**arguments)


def check_settings(cls: type, name: str, place: str, settings: Mapping[str, Any]) -> None:
    """Raise an InputError for a setting that a class does not take, or that is out of its range.

    Args:
        cls: Class of the plug-in.
        name: Name of the plug-in, for the message.
        place: Prefix of the setting's name in errors.
        settings: Values by name.
    """
    known = arguments_of(cls)
    for setting in settings:
        if setting not in known:
            cure = did_you_mean(setting, known)
            raise InputError(f"{place}.{setting}", f"{name} has no such setting", cure)
    check_arguments(cls, place, settings)


def arguments_of(cls: type) -> list[str]:
    """Return the names of all arguments of a class, with those that it passes on to its base."""
    known = []
    for part in cls.__mro__:
        if "__init__" not in vars(part):
            continue
        parameters = inspect.signature(part.__init__).parameters.values()
        open_ended = [p for p in parameters if p.kind is p.VAR_KEYWORD]
        known += [p.name for p in parameters if p.name != "self" and p not in open_ended]
        if not open_ended:
            break
    return list(dict.fromkeys(known))


def class_of(module: types.ModuleType, base: type) -> type | None:
    """Return the public, concrete subclass of `base` that a module defines; None if none."""
    for value in vars(module).values():
        if (
            inspect.isclass(value)
            and issubclass(value, base)
            and value is not base
            and value.__module__ == module.__name__
            and not inspect.isabstract(value)
            and abc.ABC not in value.__bases__
            and not value.__name__.startswith("_")
        ):
            return value
    return None


@functools.cache
def _holds_plugin(path: pathlib.Path) -> bool:
    """Return whether a source defines a public class with a base that is not `abc.ABC`."""
    if path.stem.startswith("_"):
        return False
    try:
        body = ast.parse(path.read_text(encoding="utf-8")).body
    except (SyntaxError, ValueError):
        return True  # importing it shows the error
    classes = (node for node in body if isinstance(node, ast.ClassDef))
    return any(_is_concrete(node) for node in classes)


def _imports_kortf(path: pathlib.Path) -> bool:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    modules = [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    return any(module.partition(".")[0] == "kortf" for module in modules)


def _is_concrete(node: ast.ClassDef) -> bool:
    bases = [ast.unparse(base).rpartition(".")[2] for base in node.bases]
    return bool(bases) and "ABC" not in bases and not node.name.startswith("_")


def _source(name: str) -> pathlib.Path | None:
    """Return the source of a dotted module on `sys.path`, without importing its parents."""
    parts = name.split(".")
    if not all(part.isidentifier() for part in parts) or len(name.encode()) > _LONGEST_NAME:
        return None
    for entry in sys.path:
        folder = pathlib.Path(entry or ".", *parts[:-1])
        for path in (folder / f"{parts[-1]}.py", folder / parts[-1] / "__init__.py"):
            if path.is_file():
                return path
    return None
