"""Find config files: those of the user, then those installed with the package."""

import importlib.util
import pathlib
import re
from collections.abc import Sequence

import kortf
from kortf.errors import InputError, did_you_mean

# Verb to the folder in which its short names are looked up first.
KINDS = {"pretrain": "pretrain", "finetune": "finetune", "sweep": "finetune", "clean": "clean"}


def directory() -> pathlib.Path:
    """Return the folder of all configs: `kortf.configs` if installed, `configs` in a checkout."""
    package = pathlib.Path(kortf.__file__).parent
    installed = package / "configs"
    return installed if installed.is_dir() else package.parent / "configs"


def packaged() -> dict[str, pathlib.Path]:
    """Return all packaged configs, `KIND/NAME` to file, sorted."""
    files = sorted(directory().glob("*/*.py"))
    return {f"{path.parent.name}/{path.stem}": path for path in files if path.stem[0] != "_"}


def find_config(value: str, kind: str | None = None) -> str:
    """Return `FILE[:SIZE]` of a config that is named by path or by short name.

    A file of the user wins. Otherwise `configs/pretrain/bert.py`, `pretrain/bert` and `bert` name
    the same packaged file.

    Args:
        value: `PATH[:SIZE]` or `NAME[:SIZE]`.
        kind: Folder to which a short name belongs; any folder if None.

    Raises:
        InputError: There is neither such a file nor such a packaged config.
    """
    name, colon, size = value.partition(":")
    if pathlib.Path(name).is_file():
        return value
    known = packaged()
    short = re.sub(r"^(.*/)?configs/", "", name).removesuffix(".py")
    for key in (short, f"{kind}/{short}"):
        if key in known:
            return f"{known[key]}{colon}{size}"
    others = [key for key in known if key.endswith(f"/{short}")]
    if others and kind is None:
        return f"{known[others[0]]}{colon}{size}"
    place = f"--config={name}"
    if others:
        raise InputError(place, f"it is a config of {others[0].split('/')[0]}", "use that verb")
    names = [key.split("/")[1] for key in known if kind in (None, key.split("/")[0])]
    if "/" in name or name.endswith(".py"):
        names += list(known)
    cure = f"{did_you_mean(short, names)} ('kortf configs' lists all)"
    raise InputError(place, "there is no such file and no such packaged config", cure)


def resolve_argv(verb: str, argv: Sequence[str]) -> list[str]:
    """Replace the value of `--config` in a command line by the file that it names."""
    resolved, follows = [], False
    for index, argument in enumerate(argv):
        if argument == "--":
            return resolved + list(argv[index:])
        if follows or re.match(r"--?config=", argument):
            value = argument if follows else argument.split("=", 1)[1]
            resolved.append(f"--config={find_config(value, KINDS.get(verb))}")
            follows = False
        elif argument in ("--config", "-config") and index + 1 < len(argv):
            follows = True
        else:
            resolved.append(argument)
    return resolved


def load_config(value: str):
    """Return `(module, config)` of `FILE[:SIZE]`; the config is None if no size was given.

    Raises:
        InputError: The file takes no such size.
    """
    path, colon, size = value.partition(":")
    spec = importlib.util.spec_from_file_location(f"config_{pathlib.Path(path).stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not colon:
        return module, None
    try:
        return module, module.get_config(size)
    except InputError:
        raise
    except ValueError as error:
        raise InputError(value, str(error), "give a size that the file takes") from error


def sizes_of(module) -> list[str]:
    """Return the sizes that a config file takes, as its own error lists them."""
    try:
        module.get_config("?")
    except ValueError as error:
        listed = re.search(r"choose one of ([\w, ]+)", str(error))
        return listed[1].split(", ") if listed else []
    return []
