"""The command `kortf VERB`: finds the verb, parses its flags, turns errors into one line.

A verb is a module of this package with a docstring (its help), `define(flag_values)` and
`main(flag_values)`; with `TAKES_NAMES = True` it is `main(flag_values, names)`: what is no flag.
There is no list to edit: the modules are the verbs.
"""

import ast
import contextlib
import difflib
import errno
import importlib
import os
import pathlib
import pkgutil
import re
import signal
import sys
import textwrap
from collections.abc import Sequence

from absl import flags

import kortf
from kortf.cli._quiet import hush_tensorflow
from kortf.errors import InputError

USAGE_STATUS = 2
INTERRUPTED_STATUS = 130

NO_VALUE = "must have a value other than None"  # absl's words for a required flag that is missing


def verbs() -> list[str]:
    """The names of all verbs, sorted."""
    path = importlib.import_module("kortf.cli").__path__
    return sorted(
        m.name for m in pkgutil.iter_modules(path) if m.name != "main" and m.name[0] != "_"
    )


def run(argv: Sequence[str] | None = None) -> int:
    """Runs `kortf VERB [flags]`; returns the exit status."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if not argv or argv[0] in ("--help", "-h", "help"):
        print(_overview())
        return 0
    if argv[0] == "--version":
        print(kortf.__version__)
        return 0
    verb = argv[0]
    if verb not in verbs():
        near = difflib.get_close_matches(verb, verbs(), n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"choose one of {', '.join(verbs())}"
        return _fail(f"kortf {verb}: there is no such verb; {hint}")
    return run_verb(verb, argv[1:])


def run_verb(verb: str, argv: Sequence[str]) -> int:
    """Runs one verb with the flags in `argv` (no program, no verb); returns the exit status."""
    hush_tensorflow()
    module = importlib.import_module(f"kortf.cli.{verb}")
    flag_values = flags.FlagValues()
    argv = [f"kortf {verb}", *argv]
    try:
        module.define(flag_values, argv)
        if any(argument in ("--help", "-h", "-help", "--helpfull") for argument in argv):
            print(_help(verb, module, flag_values))
            return 0
        if "config" in flag_values:
            from kortf.cli._config import check_config  # here: most verbs have no config

            check_config(flag_values, argv)
        rest = flag_values(argv)[1:]
        if getattr(module, "TAKES_NAMES", False):
            return module.main(flag_values, rest) or 0
        if rest:
            raise InputError(f"'{rest[0]}'", "is not a flag", f"see kortf {verb} --help")
        return module.main(flag_values) or 0
    except InputError as error:
        return _fail(f"kortf {verb}: {error}")
    except flags.Error as error:
        return _fail(f"kortf {verb}: {_flag_error(error)}; see kortf {verb} --help")
    except KeyboardInterrupt:
        return _fail(
            f"kortf {verb}: interrupted; run the same command again to go on", INTERRUPTED_STATUS
        )
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        message = _machine_error(error)
        if message is None:
            raise
        return _fail(f"kortf {verb}: {message}")


def _flag_error(error: flags.Error) -> str:
    """absl's message, with the parts that speak of its own workings put plainly.

    Example:
        `flag --output=None: Flag --output must have a value other than None.` becomes
        `--output is missing`.
    """
    if isinstance(error, flags.UnrecognizedFlagError):
        near = re.search(r"Did you mean: (.+) \?", str(error))
        return f"there is no flag --{error.flagname}" + (
            f", did you mean --{near[1].replace(', ', ' or --')}?" if near else ""
        )
    missing = re.search(rf"--(\w+) {NO_VALUE}", str(error))
    if missing:
        return f"--{missing[1]} is missing"
    return str(error).removeprefix("flag ").rstrip(".")


def _machine_error(error: Exception) -> str | None:
    """The line for what the machine, not the program, refused; None for a fault of ours."""
    if isinstance(error, OSError) and error.errno is not None:
        place = error.filename or "output"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"{place}: no space left on the disk; free some and run the same command again"
        return f"{place}: {error.strerror}; check the path and its permissions"
    # TensorFlow reports a full disk as RESOURCE_EXHAUSTED with the system's words.
    if type(error).__module__.startswith("tensorflow") and "No space left" in str(error):
        return "output: no space left on the disk; free some and run the same command again"
    return None


def _fail(message: str, status: int = USAGE_STATUS) -> int:
    print(" ".join(message.split()), file=sys.stderr)
    return status


def _overview() -> str:
    title = kortf.__doc__.split(": ", 1)[1]
    lines = [f"kortf {kortf.__version__}: {title}", "", "usage: kortf VERB --flag=value …", ""]
    lines += [f"  {verb:<10} {_summary(verb)}" for verb in verbs()]
    return "\n".join([*lines, "", "kortf VERB --help shows the flags of a verb."])


def _summary(verb: str) -> str:
    # Read, not imported: the list of verbs must not wait for TensorFlow.
    source = pathlib.Path(__file__).with_name(f"{verb}.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)).split("\n")[0]


def _help(verb: str, module, flag_values: flags.FlagValues) -> str:
    lines = [f"kortf {verb}: {module.__doc__.strip()}", "", "flags:"]
    for name in sorted(flag_values):
        flag = flag_values[name]
        if flag.help and name == flag.name:  # a short name is listed with its long one
            lines += _flag_help(flag)
    return "\n".join(lines)


def _flag_help(flag: flags.Flag) -> list[str]:
    if flag.boolean:
        usage = f"--[no]{flag.name}"
    elif isinstance(flag, flags.EnumFlag):
        usage = f"--{flag.name}={'|'.join(flag.parser.enum_values)}"
    else:
        usage = f"--{flag.name}=…"
    text = " ".join(flag.help.split())
    text = re.sub(r"^<[^>]*>: ", "", text)  # absl's own list of an enum's values
    if flag.default not in (None, "", []):
        default = flag.default_as_str.strip("'")
        text += f" (default: {default})"
    elif any(NO_VALUE in validator.message for validator in flag.validators):
        text += " (required)"
    indented = textwrap.wrap(text, 92, break_long_words=False, break_on_hyphens=False)
    return [f"  {usage}", *(f"      {line}" for line in indented)]
