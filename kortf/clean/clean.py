"""Cleans a corpus, in one go or in several."""

import sys
from collections.abc import Callable
from typing import Any

from kortf import files
from kortf.clean import categories, report
from kortf.clean.near_duplicates.signature import Signer
from kortf.clean.passes import directory
from kortf.clean.passes.output_file import check_compression
from kortf.clean.passes.parts import MOST_PARTS
from kortf.clean.passes.passes import CleanPlan, Passes
from kortf.clean.rule_set import make_rules
from kortf.data import workers
from kortf.data.corpus.text_file import TextFile
from kortf.data.records import plan, unfinished
from kortf.errors import InputError

LEAST_MEMORY_MB = 64


def clean_corpus(
    text_files: list[TextFile],
    wanted: CleanPlan,
    output: str,
    worker_count: int = 0,
    memory_mb: int = 1024,
    overwrite: bool = False,
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> dict[str, Any]:
    """Cleans raw text: rules, then what came before in the corpus, then what is left is written.

    The bytes depend on the text and on `wanted` alone. If the work is stopped, the same call goes
    on with the parts that are missing.

    Args:
        text_files: the raw text.
        wanted: see `CleanPlan`.
        output: directory for the text; on the way it takes about the size of the text once more.
        worker_count: processes; 0 is one a core.
        memory_mb: memory of all processes together for comparing fingerprints.
        overwrite: remove what another cleaning wrote there.
        say: told in a line what is going on.

    Returns:
        What `clean.json` says.

    Raises:
        InputError: for settings that cannot be, input that cannot be read, a directory that holds
            something else or is being written to, a worker that died, and when nothing is left.
        OSError: such as a full disk; the parts that are finished stay.
    """
    check_plan(wanted, text_files, worker_count, memory_mb)
    described = plan.describe_input(text_files)
    key = plan.key_of(wanted, "", text_files, described)
    files.makedirs(output)
    with unfinished.locked(output, "kortf clean"):
        found = directory.take_up(output, key, overwrite)
        work = directory.work_path(output, key)
        if found is not None:
            files.remove(work)
            say(f"{output}: this text is cleaned already")
            return found
        files.makedirs(work)
        passes = Passes(wanted, output, work, worker_count or workers.cores(), memory_mb, say)
        read, tally, written = passes.run(text_files)
        plan.check_unchanged(described)
        made = report.make_report(key, wanted.settings, described, read, tally, written)
        if not written:
            directory.clear(output)
            files.remove(work)
            most = max(made["rules"], key=lambda name: made["rules"][name]["dropped"])
            dropped = f"{most} dropped {made['rules'][most]['dropped']:,} of {read['documents']:,}"
            raise InputError("--input", f"no document is left: {dropped}", "change that rule")
        report.write_report(output, made, tally)
        files.remove(work)
    return made


def check_plan(
    wanted: CleanPlan, text_files: list[TextFile], worker_count: int = 0, memory_mb: int = 1024
) -> None:
    """Raises InputError for what cannot be, or needs a package that is not there."""
    check_compression(wanted.compress)
    limits = [
        ("shards", wanted.shards, 0, MOST_PARTS),
        ("workers", worker_count, 0, None),
        ("memory_mb", memory_mb, LEAST_MEMORY_MB, None),
    ]
    for name, value, least, most in limits:
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" + (f" and at most {most:,}" if most else "")
            raise InputError(f"--{name}={value}", f"must be {bounds}", "give another")
    if wanted.category_field:
        for file in text_files:
            categories.check_format(file, wanted.category_field)
    make_rules(wanted.settings.values)
    if wanted.settings["near.threshold"]:
        Signer(wanted.settings.values)
