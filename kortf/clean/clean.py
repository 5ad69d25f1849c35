"""Clean a corpus, in one call or in several."""

import sys
from collections.abc import Callable
from typing import Any

from kortf import files
from kortf.clean import categories
from kortf.clean.near_duplicates.signature import Signer
from kortf.clean.passes import directory
from kortf.clean.passes.output_file import check_compression
from kortf.clean.passes.parts import MOST_PARTS
from kortf.clean.passes.passes import CleanPlan, Passes
from kortf.clean.reporting import report
from kortf.clean.reporting.tally import Tally
from kortf.clean.rule_set import make_rules
from kortf.cores import cores
from kortf.data import workers
from kortf.data.beam import BeamRunner
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
    runner: BeamRunner | None = None,
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> dict[str, Any]:
    """Clean raw text: apply the rules, remove duplicates, write the rest.

    The bytes depend on the text and on `wanted` alone. If the work is stopped, the same call makes
    only the missing parts.

    Args:
        text_files: Raw text.
        wanted: See `CleanPlan`.
        output: Directory for the text. During the work it takes the size of the text once more.
        worker_count: Number of processes; 0 is one a core.
        memory_mb: Memory of all processes together for comparing fingerprints; of each worker with
            a runner.
        overwrite: Whether to replace the output of another cleaning.
        runner: Beam runner of the jobs, instead of worker processes of this machine.
        say: Function that takes progress lines.

    Returns:
        The contents of `clean.json`.

    Raises:
        InputError: A setting or the input is invalid, the directory holds something else or is
            being written to, a worker died, or no document is left. Nothing is left in the
            directory, unless a worker died: then the finished parts stay.
        OSError: The disk is full or fails; the finished parts stay.
    """
    check_plan(wanted, text_files, worker_count, memory_mb)
    described = plan.describe_input(text_files)
    model = wanted.settings["quality.model"]
    model_hash = files.sha256_of(model) if model else ""
    key = plan.key_of(wanted, model_hash, text_files, described)
    directory.check_output(output, [file.path for file in text_files])
    made_here = unfinished.missing(output)
    files.makedirs(output)
    try:
        with unfinished.locked(output, "kortf clean"):
            work = directory.work_path(output, key, within=runner is not None)
            found = directory.take_up(output, work, key, overwrite)
            if found is not None:
                files.remove(work)
                say(f"{output}: this text is cleaned already")
                return found
            try:
                files.makedirs(work)
                count = worker_count or cores()
                passes = Passes(wanted, output, work, count, memory_mb, say, runner)
                made, tally = _run(passes, text_files, wanted, described, key)
            except InputError as error:
                if not workers.is_resumable(error):
                    directory.clear(output)
                    files.remove(work)
                raise
            report.write_report(output, made, tally)
            files.remove(work)
            return made
    except InputError:
        unfinished.remove_empty(made_here)
        raise


def _run(
    passes: Passes,
    text_files: list[TextFile],
    wanted: CleanPlan,
    described: list[dict[str, Any]],
    key: str,
) -> tuple[dict[str, Any], Tally]:
    outcome = passes.run(text_files)
    plan.check_unchanged(described)
    made = report.make_report(key, wanted.settings, described, outcome)
    if not outcome.written:
        if not outcome.read["documents"]:
            raise InputError("--input", "no document can be read", "mend the rows, or the format")
        most = max(made["rules"], key=lambda name: made["rules"][name]["dropped"])
        number = outcome.read["documents"]
        dropped = f"{most} dropped {made['rules'][most]['dropped']:,} of {number:,}"
        raise InputError("--input", f"no document is left: {dropped}", "change that rule")
    return made, outcome.tally


def check_plan(
    wanted: CleanPlan, text_files: list[TextFile], worker_count: int = 0, memory_mb: int = 1024
) -> None:
    """Raise InputError for a value out of range, or one that needs a package that is missing."""
    check_compression(wanted.compress)
    limits = [
        ("shards", wanted.shards, 0, MOST_PARTS),
        ("workers", worker_count, 0, None),
        ("memory_mb", memory_mb, LEAST_MEMORY_MB, None),
    ]
    for name, value, least, most in limits:
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" + (f" and at most {most:,}" if most else "")
            raise InputError(f"--{name}={value}", f"must be {bounds}", "correct it")
    if wanted.category_field:
        if any(file.skip_bad_rows for file in text_files):
            cure = "leave one of both flags out"
            raise InputError("--skip_bad_rows", "cannot be used with --category_field", cure)
        for file in text_files:
            categories.check_format(file, wanted.category_field)
    make_rules(wanted.settings.values)
    if wanted.settings["near.threshold"]:
        Signer(wanted.settings.values)
