"""Clean raw text: rules for what is in it, and nothing twice; with a report in figures.

  kortf clean --input='wiki/*.txt,reviews.txt.gz' --output=clean
  kortf clean --config=configs/clean/lm_kor.py --input='raw/*.jsonl' --output=clean

Writes clean-00000-of-00016.txt …: a line or sentence a line, a blank line between documents, as
kortf vocab and kortf records read it. clean.json says what each rule did, samples.tsv shows some of
it. Any setting is changed by --config.KEY=VALUE: --config.near.threshold=0.8 also looks for near
duplicates, --config.remove=hanja,emoji removes these. The same input gives the same bytes with any
number of workers, and a call that was stopped goes on when it is given again.
"""

import os
import re
import time

from absl import flags
from ml_collections import config_flags

from kortf import files
from kortf.clean import recipe, report
from kortf.clean.clean import clean_corpus
from kortf.clean.passes.output_file import ENDINGS
from kortf.clean.passes.passes import CleanPlan
from kortf.clean.rules.sentences import KINDS
from kortf.clean.settings import from_config
from kortf.data.corpus import text_file
from kortf.data.corpus.text_file import TextFile


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf clean`."""
    of = {"flag_values": flag_values}
    if not any(re.match(r"--?config(=|$)", argument) for argument in argv):
        # Named here, so that overrides of the usual settings are checked as those of a file are.
        argv.insert(1, f"--config={recipe.__file__}")
    config_flags.DEFINE_config_file(
        "config",
        None,
        "Python file with get_config(), such as configs/clean/lm_kor.py, instead of the usual "
        "settings; any key is set by --config.key=value.",
        sys_argv=argv,
        **of,
    )
    flags.DEFINE_list("input", None, "files of raw text, as globs; may be compressed", **of)
    flags.DEFINE_string("output", None, "directory for the text and the report", **of)
    flags.DEFINE_integer("workers", 0, "worker processes; 0 is one a core", **of)
    flags.DEFINE_integer(
        "memory_mb", 1024, "memory of all workers together for finding what came before", **of
    )
    flags.DEFINE_integer(
        "shards", 0, "number of files; 0 is one for every 64 MB, and 16 at least", **of
    )
    flags.DEFINE_string("compress", "none", f"what is written: {', '.join(ENDINGS)}", **of)
    flags.DEFINE_string(
        "sentences", None, f"a sentence a line: {', '.join(KINDS)}; else as the config says", **of
    )
    flags.DEFINE_string(
        "category_field",
        "",
        "field (jsonl) or column (tsv) whose values get a directory each",
        **of,
    )
    flags.DEFINE_string(
        "format", "auto", f"format of the input: {', '.join(text_file.FORMATS)}", **of
    )
    flags.DEFINE_list(
        "text_fields", [], "fields (jsonl) or columns (tsv) of the text; jsonl has 'text'", **of
    )
    flags.DEFINE_bool("overwrite", False, "replace what another cleaning left there", **of)
    flags.mark_flags_as_required(["input", "output"], flag_values=flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Runs `kortf clean`."""
    values = flag_values.config.to_dict()
    if flag_values.sentences is not None:
        values["sentences"] = flag_values.sentences
    wanted = CleanPlan(
        from_config(values),
        category_field=flag_values.category_field,
        compress=flag_values.compress,
        shards=flag_values.shards,
    )
    text_files = [
        TextFile.detect(path, flag_values.format, flag_values.text_fields)
        for path in files.expand(flag_values.input)
    ]
    started = time.monotonic()
    made = clean_corpus(
        text_files,
        wanted,
        os.path.expanduser(flag_values.output),
        worker_count=flag_values.workers,
        memory_mb=flag_values.memory_mb,
        overwrite=flag_values.overwrite,
    )
    seconds = time.monotonic() - started
    print(report.describe(made))
    size = sum(entry["bytes"] for entry in made["input"])
    print(f"{seconds:.1f} s, {size / seconds / 1e6:.1f} MB/s of input")
