"""Finds the one class of a module by the module's name: there is no registry to edit.

`find("kortf.objectives", "masked_lm", Objective)` is the class that `kortf/objectives/masked_lm.py`
defines. An encoder, an objective or a task is therefore one new file.
"""

import abc
import difflib
import importlib
import inspect
import pkgutil

from kortf.errors import InputError


def names(package: str, base: type) -> list[str]:
    """Modules of `package` that define a concrete subclass of `base`, sorted."""
    path = importlib.import_module(package).__path__
    modules = (module.name for module in pkgutil.iter_modules(path))
    return sorted(name for name in modules if _class_of(f"{package}.{name}", base) is not None)


def find(package: str, name: str, base: type) -> type:
    """The subclass of `base` that module `package.name` defines.

    Raises:
        InputError: when there is no such module; the nearest names are given.
    """
    known = names(package, base)
    if name not in known:
        kind = base.__name__.lower()
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"choose one of {', '.join(known)}"
        raise InputError(f"{kind} '{name}'", f"there is no such {kind}", hint)
    return _class_of(f"{package}.{name}", base)


def build(package: str, name: str, base: type, **arguments):
    """Makes the object of class `find(...)` and names the argument that its class does not take."""
    cls = find(package, name, base)
    known = arguments_of(cls)
    for argument in arguments:
        if argument not in known:
            near = difflib.get_close_matches(argument, known, n=1)
            hint = f"did you mean '{near[0]}'?" if near else f"it takes {', '.join(known)}"
            raise InputError(f"{name}.{argument}", f"{name} has no such setting", hint)
    return cls(**arguments)


def arguments_of(cls: type) -> list[str]:
    """Names of all arguments that a class takes, those that it hands on to its base included."""
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


def _class_of(module: str, base: type) -> type | None:
    for value in vars(importlib.import_module(module)).values():
        if (
            inspect.isclass(value)
            and issubclass(value, base)
            and value is not base
            and value.__module__ == module
            and not inspect.isabstract(value)
            and abc.ABC not in value.__bases__
            and not value.__name__.startswith("_")
        ):
            return value
    return None
