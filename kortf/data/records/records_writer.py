"""Write a records directory, in one run or in several."""

import os
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import kortf
from kortf import files
from kortf.data import features, workers
from kortf.data.beam import BeamRunner
from kortf.data.corpus.text_file import TextFile
from kortf.data.progress import Progress
from kortf.data.reader import BadRows
from kortf.data.records import plan, unfinished
from kortf.data.records.plan import Piece, RecordsSettings
from kortf.data.records.records import INFO_FILE, RecordsInfo, Shard, shard_name
from kortf.data.records.shard_counts import ShardCounts, sidecar_name
from kortf.data.workers import is_resumable
from kortf.errors import InputError
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.text.unicode import removal
from kortf.text.vocabulary.pair_layout import BERT
from kortf.text.vocabulary.vocabulary import Vocabulary

LEAST_SEQ_LENGTH = 8
MOST_SHARDS = 99_999


def write_records(
    text_files: list[TextFile],
    vocabulary: Vocabulary,
    settings: RecordsSettings,
    directory: str,
    workers: int = 0,
    overwrite: bool = False,
    runner: BeamRunner | None = None,
    allow_unknown: bool = False,
    say: Callable[[str], None] = lambda line: print(line, file=sys.stderr),
) -> RecordsInfo:
    """Make records of raw text: clean ids, packed or paired, in shards.

    The bytes depend on the text, the vocabulary and the settings alone. If the work is stopped, the
    same call makes the missing shards.

    Args:
        text_files: The raw text.
        vocabulary: Vocabulary of the tokenizer.
        settings: Settings of the records.
        directory: Output directory.
        workers: Number of processes; 0 is one a core, fewer for little text.
        overwrite: Whether to remove other records in the directory.
        runner: Beam runner that makes the shards, instead of worker processes of this machine.
        allow_unknown: Accept text of which the vocabulary does not know half.
        say: Called with a line about the progress.

    Returns:
        The contents of `records.json`.

    Raises:
        InputError: The settings are out of range, the input cannot be read, the directory holds
            other records or is being written to, or a worker died.
        OSError: Such as a full disk; finished shards stay.
    """
    check(settings, workers)
    described = plan.describe_input(text_files)
    layout = BERT if settings.pairing == "none" else vocabulary.pair_layout
    key = plan.key_of(settings, vocabulary.fingerprint, text_files, described, layout)
    unfinished.check_output(directory, INFO_FILE)
    made_here = unfinished.missing(directory)
    files.makedirs(directory)
    arguments = {
        "text_files": text_files,
        "vocabulary": vocabulary,
        "settings": settings,
        "directory": directory,
        "key": key,
        "allow_unknown": allow_unknown,
    }
    try:
        with unfinished.locked(directory):
            info = unfinished.take_up(directory, key, overwrite)
            if info is not None:
                say(f"{directory}: these records are complete already")
                return info
            try:
                return _write(arguments, described, workers, runner, say)
            except InputError as error:
                if not is_resumable(error):
                    unfinished.clear(directory)
                raise
    except InputError:
        unfinished.remove_empty(made_here)
        raise


def _write(
    arguments: dict[str, Any],
    described: list[dict],
    worker_count: int,
    runner: BeamRunner | None,
    say: Callable[[str], None],
) -> RecordsInfo:
    """Make the missing shards and `records.json`."""
    settings, directory = arguments["settings"], arguments["directory"]
    spool = unfinished.unpacked_path(directory, arguments["key"], within=runner is not None)
    if runner is not None:
        runner.unpack(arguments["text_files"], spool, directory)
    text_files = _unpack(arguments["text_files"], spool)
    arguments = {**arguments, "text_files": text_files}
    _make_missing(arguments, worker_count, runner, say)
    plan.check_unchanged(described)
    info = _summary(arguments, described, plan.skipped_while_unpacking(text_files))
    files.write_json(os.path.join(directory, INFO_FILE), info.to_json())
    for index in range(settings.shards):
        files.remove(os.path.join(directory, sidecar_name(index, settings.shards)))
    files.remove(spool)
    return info


def check(settings: RecordsSettings, workers: int = 0) -> None:
    """Raise InputError for settings out of range."""
    limits = [
        ("seq_length", settings.seq_length, LEAST_SEQ_LENGTH, None),
        ("shards", settings.shards, 1, MOST_SHARDS),
        ("seed", settings.seed, 0, None),
        ("min_chars", settings.min_chars, 0, None),
        ("workers", workers, 0, None),
    ]
    for name, value, least, most in limits:
        if value < least or (most is not None and value > most):
            bounds = f"at least {least}" + (f" and at most {most:,}" if most else "")
            raise InputError(f"--{name}={value}", f"must be {bounds}", "give another")
    if settings.pairing not in features.PAIRINGS:
        cure = f"choose {', '.join(features.PAIRINGS)}"
        raise InputError(f"--pairing={settings.pairing}", "unknown pairing", cure)


def _unpack(text_files: list[TextFile], spool: str) -> list[TextFile]:
    progress = Progress("unpacking", 0)
    try:
        return plan.unpack(text_files, spool, progress.advance)
    finally:
        progress.close()


def _make_missing(
    arguments: dict[str, Any],
    worker_count: int,
    runner: BeamRunner | None,
    say: Callable[[str], None],
) -> None:
    settings, directory = arguments["settings"], arguments["directory"]
    count = settings.shards
    shards = plan.deal(arguments["text_files"], settings)
    missing = [i for i in range(count) if ShardCounts.read(directory, i, count) is None]
    if len(missing) < count:
        say(f"{directory}: resuming, {count - len(missing)} of {count} shards are complete")
    jobs = sorted(((i, shards[i]) for i in missing), key=lambda job: -_size(job[1]))
    total = sum(_size(pieces) for _, pieces in jobs)
    progress = Progress("records", total)
    try:
        if runner is not None:
            runner.run_jobs(jobs, arguments)
        else:
            number = worker_count or workers.worker_count(total)
            workers.run_jobs(jobs, arguments, number, progress.advance)
    finally:
        progress.close()
        unfinished.clear_leftovers(directory)


def _size(pieces: list[Piece]) -> int:
    return sum(piece.end - piece.start for piece in pieces)


def _summary(arguments: dict[str, Any], described: list[dict], skipped: BadRows) -> RecordsInfo:
    settings, directory = arguments["settings"], arguments["directory"]
    vocabulary, key = arguments["vocabulary"], arguments["key"]
    count = settings.shards
    counts = [ShardCounts.read(directory, index, count) for index in range(count)]
    names = ("documents", "sentences", "records", "tokens", "bytes")
    total = {name: sum(getattr(shard, name) for shard in counts) for name in names}
    left_out: dict[str, int] = {}
    unknown = UnknownCounter(vocabulary)
    for shard in counts:
        for reason, documents in shard.left_out.items():
            left_out[reason] = left_out.get(reason, 0) + documents
        unknown.merge(SimpleNamespace(**{"examples": [], **shard.unknown}))
        if shard.bad_rows:
            skipped.merge(**shard.bad_rows)
    for reason, documents in skipped.left_out.items():
        left_out[reason] = left_out.get(reason, 0) + documents
    if total["records"] == 0:
        unfinished.clear(directory)
        reasons = ", ".join(f"{n:,} {reason}" for reason, n in left_out.items())
        problem = f"no document makes a record (left out: {reasons or 'none'})"
        raise InputError("--input", problem, "give other text, --pairing or --min_chars")
    unknown.check("--vocab", arguments["allow_unknown"])
    removed = None
    if vocabulary.remove:
        kinds = {kind: sum(shard.removed[kind] for shard in counts) for kind in vocabulary.remove}
        removed = removal.summarize(sum(shard.characters for shard in counts), kinds)
    positive = sum(shard.positive for shard in counts)
    names = ("records", "tokens", "documents", "bytes", "crc32")
    return RecordsInfo(
        kortf_version=kortf.__version__,
        key=key,
        vocabulary_hash=vocabulary.fingerprint,
        tokenizer=vocabulary.settings,
        seq_length=settings.seq_length,
        pairing=settings.pairing,
        seed=settings.seed,
        input=described,
        padding_share=1 - total["tokens"] / (total["records"] * settings.seq_length),
        pair_label_share=None if settings.pairing == "none" else positive / total["records"],
        left_out=left_out,
        shards=[
            Shard(shard_name(index, count), **{name: getattr(shard, name) for name in names})
            for index, shard in enumerate(counts)
        ],
        removed=removed,
        unknown=unknown.report(),
        bad_rows={"count": skipped.count, "samples": skipped.samples} if skipped.count else None,
        **total,
    )
