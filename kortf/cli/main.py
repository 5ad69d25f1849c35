"""Run `kortf VERB`: find the verb, parse its flags, print an error as one line.

A verb is a module of this package with a docstring (its help), `define(flag_values, argv)` and
`main(flag_values)`. With `TAKES_NAMES = True` it is `main(flag_values, names)`, where names are the
arguments that are not flags."""

import ast
import contextlib
import errno
import importlib
import os
import pathlib
import pkgutil
import re
import signal
import sys
import textwrap
import time
from collections.abc import Sequence

from absl import flags

import kortf
from kortf.cli.flags.config_files import resolve_argv
from kortf.cli.flags.model_paths import check_models
from kortf.cli.terminal.end_table import outputs as output_paths
from kortf.cli.terminal.end_table import print_end_table
from kortf.cli.terminal.quiet import hush_tensorflow
from kortf.command_line import remember
from kortf.cores import models_stay
from kortf.errors import InputError, did_you_mean
from kortf.interruption import EXIT_STATUS, interruptible
from kortf.stage import clear_stage

USAGE_STATUS = 2

NO_VALUE = "must have a value other than None"  # absl's message for a missing required flag
# Verbs that continue an interrupted command.
RESUMING = ("benchmark", "clean", "download", "embed", "finetune", "pretrain", "records", "sweep")
# Verbs that answer and train nothing.
ANSWERING = ("predict", "serve")
# Flags whose values are text: a `~` at their start is not a home directory.
TEXT_FLAGS = ("prompt", "text", "query", "question", "context")


def verbs() -> list[str]:
    """Return the names of all verbs, sorted."""
    path = importlib.import_module("kortf.cli").__path__
    return sorted(m.name for m in pkgutil.iter_modules(path) if m.name != "main" and not m.ispkg)


def run(argv: Sequence[str] | None = None) -> int:
    """Run `kortf VERB [flags]`; return the exit status."""
    own_process = argv is None
    argv = list(sys.argv[1:] if own_process else argv)
    if not argv or argv[0] in ("--help", "-h", "help"):
        print(_overview())
        return 0
    if argv[0] == "--version":
        print(kortf.__version__)
        return 0
    verb = argv[0]
    if verb not in verbs():
        problem = f"there is no such verb; {did_you_mean(verb, verbs())}"
        return _fail(f"kortf {verb}: {problem}")
    if own_process and verb in ANSWERING:
        models_stay()
    return run_verb(verb, argv[1:])


def run_verb(verb: str, argv: Sequence[str]) -> int:
    """Run one verb with the flags in `argv` (no program, no verb); return the exit status."""
    hush_tensorflow()
    remember(verb, argv)
    with interruptible() as signals:
        try:
            return _answer(verb, argv)
        except BaseException as error:
            if not signals and not isinstance(error, KeyboardInterrupt):
                raise
            number = signals[0] if signals else signal.SIGINT
            how = "terminated" if number == signal.SIGTERM else "interrupted"
            cure = "; run the same command again to continue" if verb in RESUMING else ""
            return _fail(f"kortf {verb}: {how}{cure}", EXIT_STATUS[number])


def _answer(verb: str, argv: Sequence[str]) -> int:
    """Run one verb and print an error as a line; return the exit status."""
    outputs: list[str] = []
    status = USAGE_STATUS
    try:
        status = _call(verb, argv, outputs)
    except InputError as error:
        return _fail(f"kortf {verb}: {error}")
    except flags.Error as error:
        return _fail(f"kortf {verb}: {_flag_error(error)}; see kortf {verb} --help")
    except BrokenPipeError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:
        message = _machine_error(error)
        if message is None:
            raise
        return _fail(f"kortf {verb}: {message}")
    finally:
        if status:
            for path in outputs:
                _remove_empty(path)
    return status


def _call(verb: str, argv: Sequence[str], outputs: list[str]) -> int:
    """Parse the flags of a verb and call it.

    Args:
        verb: Name of the verb.
        argv: Its flags.
        outputs: Takes the output paths that do not exist yet.
    """
    argv = [_expand_home(_decoded(argument)) for argument in argv]
    module = importlib.import_module(f"kortf.cli.{verb}")
    flag_values = flags.FlagValues()
    wants_help = any(argument in ("--help", "-h", "-help", "--helpfull") for argument in argv)
    argv = [f"kortf {verb}", *(argv if wants_help else resolve_argv(verb, argv))]
    module.define(flag_values, argv)
    if wants_help:
        print(_help(verb, module, flag_values))
        return 0
    if "config" in flag_values:
        from kortf.cli.flags.config import check_overrides  # here: most verbs have no config

        check_overrides(flag_values, argv)
    try:
        rest = flag_values(argv)[1:]
    except flags.UnrecognizedFlagError as error:
        from kortf.cli.flags.config import meant

        if not (names := meant(error.flagname, flag_values)):
            raise
        value = error.flagvalue
        raise flags.UnrecognizedFlagError(error.flagname, value, names) from error
    takes_names = getattr(module, "TAKES_NAMES", False)
    if rest and not takes_names:
        raise InputError(f"'{rest[0]}'", "is not a flag", f"see kortf {verb} --help")
    check_models(verb, flag_values)
    outputs += [
        _first_missing(path) for path in output_paths(flag_values) if not os.path.exists(path)
    ]
    started = time.time()
    status = module.main(flag_values, rest) if takes_names else module.main(flag_values)
    if not status:
        print_end_table(module, flag_values, started)
    return status or 0


def _decoded(argument: str) -> str:
    try:
        argument.encode()
    except UnicodeEncodeError as error:
        place = "argument " + ascii(argument)
        cure = "use UTF-8; rename the file if its name has other bytes"
        raise InputError(place, "not valid UTF-8", cure) from error
    return argument


def _expand_home(argument: str) -> str:
    """Expand `~` in `--flag=~/path` and `--flag=~/a,~/b`, which most shells pass unchanged."""
    flag, equals, value = argument.partition("=")
    if not equals or not flag.startswith("-") or flag.lstrip("-") in TEXT_FLAGS:
        return argument
    return flag + equals + ",".join(map(os.path.expanduser, value.split(",")))


def _first_missing(path: str) -> str:
    """Return the outermost directory that making `path` would make."""
    path = os.path.abspath(path)
    while not os.path.exists(os.path.dirname(path)):
        path = os.path.dirname(path)
    return path


def _remove_empty(path: str) -> None:
    """Remove a directory that a failed verb made and left without any file."""
    for directory, _, _ in os.walk(path, topdown=False):
        with contextlib.suppress(OSError):
            os.rmdir(directory)  # fails on a directory that holds something, which stays


def _flag_error(error: flags.Error) -> str:
    """Return absl's message without the parts that speak of absl.

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
    """Return the line for an error of the machine; None for an error of the program."""
    if isinstance(error, OSError) and error.errno is not None:
        place = error.filename or "output"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return f"{place}: no space left on the disk; free some and run the same command again"
        return f"{place}: {error.strerror}; check the path and its permissions"
    # TensorFlow reports a full disk as RESOURCE_EXHAUSTED.
    if type(error).__module__.startswith("tensorflow") and "No space left" in str(error):
        return "output: no space left on the disk; free some and run the same command again"
    return None


def _fail(message: str, status: int = USAGE_STATUS) -> int:
    clear_stage()
    print(" ".join(message.split()), file=sys.stderr)
    return status


def _overview() -> str:
    title = kortf.__doc__.split(": ", 1)[1]
    lines = [f"kortf {kortf.__version__}: {title}", "", "usage: kortf VERB --flag=value …", ""]
    lines += [f"  {verb:<10} {_summary(verb)}" for verb in verbs()]
    return "\n".join([*lines, "", "kortf VERB --help shows the flags of a verb."])


def _summary(verb: str) -> str:
    # Parsed, not imported: imports would take longer than 0.3 s.
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
