"""Make TFRecords of raw text: tokenized, packed or paired.

  kortf records --input='wiki/*.txt,reviews.csv.gz,corpus.zip' --vocab=vocab --output=records

Records hold clean ids: masks are drawn during training. A run that was stopped continues when it is
started again. records.json in the output directory describes the records. A vocabulary made with
--remove removes Hanja or emoji here too; the summary counts them. Each file is recognised by its
content: docs/records.md lists the formats.

On many machines Apache Beam makes the same bytes; flags behind -- are those of its runner:

  kortf records … --runner=DaskRunner -- --dask_client_address=tcp://host:8786
"""

import os
import sys
import time
from collections import Counter

from absl import flags

from kortf import files
from kortf.cli.flags import input as input_flags
from kortf.cli.flags import runner as runner_flags
from kortf.data import features
from kortf.data.corpus.text_file import TextFile
from kortf.data.records.plan import RecordsSettings
from kortf.data.records.records import RecordsInfo
from kortf.data.records.records_writer import check, write_records
from kortf.text.tokenizer.unknown import WARN_ABOVE
from kortf.text.unicode import removal
from kortf.text.vocabulary.loading import load_vocabulary

TAKES_NAMES = True  # options of the runner, behind --
# Command that usually follows, with values of flags.
NEXT = "kortf pretrain --config=bert:mini --records={output} --vocab={vocab} --workdir=DIR"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf records`."""
    default = RecordsSettings()
    of = {"flag_values": flag_values}
    input_flags.define_input(flag_values)
    flags.DEFINE_string("vocab", None, "vocabulary directory (see kortf vocab)", **of)
    flags.DEFINE_string("output", None, "directory of the records", **of)
    flags.DEFINE_integer(
        "seq_length", default.seq_length, "maximum number of tokens in a record", **of
    )
    flags.DEFINE_string(
        "pairing", default.pairing, f"pairs in a record: {', '.join(features.PAIRINGS)}", **of
    )
    flags.DEFINE_integer("shards", default.shards, "number of files", **of)
    flags.DEFINE_integer(
        "workers", 0, "worker processes; 0 is one a core, fewer for little text", **of
    )
    flags.DEFINE_integer("seed", default.seed, "seed of every random choice", **of)
    flags.DEFINE_integer(
        "min_chars", default.min_chars, "leave out documents of fewer characters", **of
    )
    flags.DEFINE_bool(
        "allow_unknown", False, "accept text of which more than half becomes [UNK]", **of
    )
    runner_flags.define_runner(flag_values)
    flags.DEFINE_bool("overwrite", False, "replace other records in the output directory", **of)
    flags.mark_flags_as_required(["input", "vocab", "output"], flag_values=flag_values)


def main(flag_values: flags.FlagValues, options: list[str]) -> None:
    """Run `kortf records`; `options` are those of the runner."""
    settings = RecordsSettings(
        seq_length=flag_values.seq_length,
        pairing=flag_values.pairing,
        shards=flag_values.shards,
        seed=flag_values.seed,
        min_chars=flag_values.min_chars,
    )
    check(settings, flag_values.workers)
    runner = runner_flags.make_runner(flag_values, options, "records", flag_values.workers)
    vocabulary = load_vocabulary(flag_values.vocab)
    text_files = input_flags.open_input(flag_values)
    print(_describe(text_files), flush=True)
    started = time.monotonic()
    info = write_records(
        text_files,
        vocabulary,
        settings,
        os.path.expanduser(flag_values.output),
        workers=flag_values.workers,
        overwrite=flag_values.overwrite,
        runner=runner,
        allow_unknown=flag_values.allow_unknown,
    )
    seconds = time.monotonic() - started
    print(_report(info))
    size = sum(entry["bytes"] for entry in info.input)
    print(f"{seconds:.1f} s, {size / seconds / 1e6:.1f} MB/s of input")
    if info.unknown and info.unknown["share"] > WARN_ABOVE:
        print(_warning(info.unknown), file=sys.stderr)


def _describe(text_files: list[TextFile]) -> str:
    count, size = Counter(), Counter()
    for file in text_files:
        title = file.reader.title
        kind = f"{file.format}: {title}"
        if file.fields:
            kind += f", text in {', '.join(file.fields)}"
        if file.encoding != "utf-8":
            kind += f", {file.encoding}"
        count[kind] += 1
        size[kind] += files.size(file.path)
    return "\n".join(f"{count[k]:,} file(s), {size[k] / 1e6:,.1f} MB, {k}" for k in count)


def _warning(unknown: dict) -> str:
    shown = ", ".join(f"'{example}'" for example in unknown["examples"])
    return (
        f"warning: {unknown['share']:.1%} of the pieces are [UNK], as in {shown}: "
        "is this the vocabulary of this text?"
    )


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
    if info.bad_rows:
        lines += input_flags.describe_skipped(info.bad_rows)
    return "\n".join(lines)
