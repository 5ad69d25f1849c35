"""Make TFRecords of raw text: tokenised, packed or paired.

  kortf records --input='wiki/*.txt,reviews.txt.gz' --vocab=vocab --output=records

The records hold clean ids: masks are drawn while training. A call that was stopped goes on when it
is given again. What the records hold stands in records.json in the output directory. A vocabulary
that was made with --remove removes Hanja or emoji here too; how many is reported.

On many machines Apache Beam makes the same bytes; what follows -- goes to its runner:

  kortf records … --runner=FlinkRunner -- --flink_master=host:8081 --environment_type=LOOPBACK
"""

import time
from collections import Counter

from absl import flags

from kortf import files
from kortf.data import features
from kortf.data.corpus import text_file
from kortf.data.corpus.text_file import TextFile
from kortf.data.records.beam import BeamRunner
from kortf.data.records.plan import RecordsSettings
from kortf.data.records.records import RecordsInfo
from kortf.data.records.records_writer import check, write_records
from kortf.errors import InputError
from kortf.text.unicode import removal
from kortf.text.vocabulary.vocabulary import load_vocabulary

TAKES_NAMES = True  # options of the runner, behind --


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf records`."""
    default = RecordsSettings()
    of = {"flag_values": flag_values}
    flags.DEFINE_list("input", None, "files of raw text, as globs; may be compressed", **of)
    flags.DEFINE_string("vocab", None, "vocabulary directory (see kortf vocab)", **of)
    flags.DEFINE_string("output", None, "directory for the records", **of)
    flags.DEFINE_integer("seq_length", default.seq_length, "most tokens in a record", **of)
    flags.DEFINE_string(
        "pairing", default.pairing, f"what a record holds: {', '.join(features.PAIRINGS)}", **of
    )
    flags.DEFINE_integer("shards", default.shards, "number of files", **of)
    flags.DEFINE_integer("workers", 0, "worker processes; 0 is one a core", **of)
    flags.DEFINE_string(
        "format", "auto", f"format of the input: {', '.join(text_file.FORMATS)}", **of
    )
    flags.DEFINE_list(
        "text_fields", [], "fields (jsonl) or columns (tsv) of the text; jsonl has 'text'", **of
    )
    flags.DEFINE_integer("seed", default.seed, "of every random choice", **of)
    flags.DEFINE_integer(
        "min_chars", default.min_chars, "leave out documents of fewer characters", **of
    )
    flags.DEFINE_string(
        "runner",
        None,
        "Apache Beam runner that makes the records: DirectRunner, FlinkRunner, SparkRunner, "
        "DataflowRunner; else worker processes do",
        **of,
    )
    flags.DEFINE_bool("overwrite", False, "replace other records in the output directory", **of)
    flags.mark_flags_as_required(["input", "vocab", "output"], flag_values=flag_values)


def main(flag_values: flags.FlagValues, options: list[str]) -> None:
    """Runs `kortf records`; `options` are the runner's."""
    if options and not flag_values.runner:
        raise InputError(f"'{options[0]}'", "is not a flag", "see kortf records --help")
    settings = RecordsSettings(
        seq_length=flag_values.seq_length,
        pairing=flag_values.pairing,
        shards=flag_values.shards,
        seed=flag_values.seed,
        min_chars=flag_values.min_chars,
    )
    check(settings, flag_values.workers)
    runner = None
    if flag_values.runner:
        runner = BeamRunner(flag_values.runner, options, flag_values.workers)
    vocabulary = load_vocabulary(flag_values.vocab)

    def detect(path: str) -> TextFile:
        return TextFile.detect(path, flag_values.format, flag_values.text_fields)

    text_files = files.each(detect, files.expand(flag_values.input), str)
    print(_describe(text_files), flush=True)
    started = time.monotonic()
    info = write_records(
        text_files,
        vocabulary,
        settings,
        flag_values.output,
        workers=flag_values.workers,
        overwrite=flag_values.overwrite,
        runner=runner,
    )
    seconds = time.monotonic() - started
    print(_report(info))
    size = sum(entry["bytes"] for entry in info.input)
    print(f"{seconds:.1f} s, {size / seconds / 1e6:.1f} MB/s of input")


def _describe(text_files: list[TextFile]) -> str:
    meanings = {
        "lines": "lines: no blank line, so each line is a document",
        "text": "text: a sentence a line, a blank line between documents",
        "wiki": "wiki: <doc> blocks",
        "wiki_json": "wiki: JSON lines",
    }
    count, size = Counter(), Counter()
    for file in text_files:
        kind = meanings.get(file.format, f"{file.format}: text in {', '.join(file.fields)}")
        count[kind] += 1
        size[kind] += files.size(file.path)
    return "\n".join(f"{count[k]:,} file(s), {size[k] / 1e6:,.1f} MB, {k}" for k in count)


def _report(info: RecordsInfo) -> str:
    lines = [
        f"{info.records:,} records of up to {info.seq_length} tokens in {len(info.shards)} files, "
        f"{info.bytes / 1e6:,.1f} MB",
        f"{info.documents:,} documents, {info.sentences:,} lines or sentences, "
        f"{info.tokens:,} tokens, {info.padding_share:.2%} padding",
    ]
    if info.pair_label_share is not None:
        lines.append(f"{info.pairing}: {info.pair_label_share:.1%} of the records have label 1")
    if info.removed:
        lines.append(removal.describe(info.removed))
    lines += [f"left out: {n:,} documents {reason}" for reason, n in info.left_out.items()]
    return "\n".join(lines)
