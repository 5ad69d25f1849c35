"""Flags, input and report of `kortf vocab --extend`."""

import os
from collections.abc import Callable

from absl import flags

from kortf import files
from kortf.errors import InputError
from kortf.text.extension.extend import ExtensionSettings, extend_vocabulary
from kortf.text.training.survey import Reader
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

# Settings of the vocabulary that an extension keeps.
_KEPT = (
    "type",
    "model",
    "size",
    "lowercase",
    "unused",
    "limit_alphabet",
    "remove",
    "sample_mb",
    "pretokenizer",
    "jamo",
    "byte_fallback",
)
_ONLY = ("terms", "size_of_extension")
_EXAMPLES = 8


def define_extension(flag_values: flags.FlagValues) -> None:
    """Define the flags of an extension."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string(
        "extend",
        None,
        "vocabulary or model directory (WordPiece): its [unused] slots take terms of the text, "
        "all other ids stay",
        **of,
    )
    flags.DEFINE_list(
        "terms", None, "with --extend: files of terms to take, one a line; they come first", **of
    )
    flags.DEFINE_integer(
        "size_of_extension",
        0,
        "with --extend: new pieces at most; 0 is all slots, or the list of --terms",
        **of,
    )


def check_flags(flag_values: flags.FlagValues) -> None:
    """Raise InputError for flags that exclude each other."""
    if flag_values.extend is None:
        for name in _ONLY:
            if flag_values[name].present:
                raise InputError(f"--{name}", "needs --extend", "name a directory: --extend=")
        return
    for name in _KEPT:
        if flag_values[name].present:
            problem = f"an extension keeps the setting of {flag_values.extend}"
            raise InputError(f"--{name}", problem, "omit it")
    if os.path.realpath(flag_values.extend) == os.path.realpath(flag_values.output):
        problem = "the directory of --extend"
        raise InputError(f"--output={flag_values.output}", problem, "name another directory")


def run_extension(
    flag_values: flags.FlagValues, read: Reader | None, begin: Callable
) -> tuple[Vocabulary, dict]:
    """Extend the vocabulary of `--extend`; return it and the report."""
    terms = None if flag_values.terms is None else _read_terms(flag_values.terms)
    settings = ExtensionSettings(flag_values.extend, flag_values.size_of_extension, terms)
    return extend_vocabulary(load_vocabulary(flag_values.extend), settings, read, begin)


def _read_terms(patterns: list[str]) -> list[str]:
    terms = []
    for path in files.expand(patterns, "--terms"):
        with files.open_file(path) as file:
            data = file.read()
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            place = f"{path}, byte {error.start}"
            raise InputError(place, "not UTF-8", "convert the file to UTF-8") from error
        terms += [line.strip() for line in text.splitlines() if line.strip()]
    return terms


def describe_extension(report: dict) -> str:
    """Return the report in lines."""
    lines = [
        f"{report['filled']:,} of {report['slots']:,} [unused] slots filled: "
        f"{report['from_list']:,} from the list, {report['filled'] - report['from_list']:,} chosen"
    ]
    lines += [f"skipped: {n:,} {reason}" for reason, n in report["skipped"].items()]
    if report["without_slot"]:
        lines.append(f"no slot left for {report['without_slot']:,} terms of the list")
    shown = [
        f"{entry['piece']} ({' '.join(entry['was_cut_into'])})"
        for entry in report["added"][:_EXAMPLES]
    ]
    lines.append(f"such as {', '.join(shown)}")
    before, after = (report["held_back"][part] for part in ("before", "after"))
    if before["eojeol"]:
        lines.append(
            f"held back: {report['held_back']['documents']:,} documents, "
            f"{before['eojeol']:,} eojeol; pieces per eojeol {before['pieces_per_eojeol']:.3f} "
            f"-> {after['pieces_per_eojeol']:.3f}, [UNK] {before['unknown_rate']:.3%} -> "
            f"{after['unknown_rate']:.3%} of tokens, whole eojeol {before['whole_eojeol']:.1%} -> "
            f"{after['whole_eojeol']:.1%}"
        )
    else:
        lines.append("held back: nothing, since there is no text, or fewer than 50 documents")
    return "\n".join(lines)
