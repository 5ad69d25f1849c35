"""Clean raw text: apply rules, drop what comes twice, report what was done.

  kortf clean --input='wiki/*.txt,reviews.txt.gz' --output=clean
  kortf clean --config=web --input='crawl/*.jsonl' --output=clean
  kortf clean --train_quality='bad/*.txt' --input='good/*.txt' --output=quality

Writes clean-00000-of-00016.txt …: a line or sentence a line, a blank line between documents, as
kortf vocab and kortf records read it. clean.json counts what each rule did; samples.tsv and
clean.html show samples before and after. Any setting is changed by --config.KEY=VALUE:
--config.near.threshold=0.8 also drops near duplicates, --config.remove=hanja,emoji removes these.
The same input gives the same bytes with any number of workers. The same command continues a stopped
call. On many machines Apache Beam makes the same bytes; flags behind -- are those of its runner:

  kortf clean … --runner=DaskRunner -- --dask_client_address=tcp://host:8786

--train_quality trains a model on documents to drop, with --input as documents to keep, and writes
quality.npz and quality.json to --output. --config.quality.model=quality/quality.npz uses it.
"""

import os
import re
import time

from absl import flags
from ml_collections import config_flags

from kortf import files
from kortf.clean import recipe
from kortf.clean.clean import clean_corpus
from kortf.clean.cleaner import Cleaner
from kortf.clean.passes.directory import check_output
from kortf.clean.passes.output_file import ENDINGS
from kortf.clean.passes.passes import CleanPlan
from kortf.clean.quality.training import train_quality, write_model
from kortf.clean.reporting import report
from kortf.clean.reporting.tally import Tally
from kortf.clean.rule_set import make_rules, rule_names
from kortf.clean.rules.lines.sentences import KINDS
from kortf.clean.settings import CleanSettings, from_config
from kortf.cli.flags import input as input_flags
from kortf.cli.flags import runner as runner_flags
from kortf.data.corpus import read_documents

TAKES_NAMES = True  # options of the runner, behind --
# Command that usually follows, with values of flags.
NEXT = "kortf vocab --input={output}/clean-*.txt --output=DIR --size=32000"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf clean`."""
    of = {"flag_values": flag_values}
    if not any(re.match(r"--?config(=|$)", argument) for argument in argv):
        # Named here, so that overrides of the defaults are checked like those of a file.
        argv.insert(1, f"--config={recipe.__file__}")
    config_flags.DEFINE_config_file(
        "config",
        None,
        "Python file with get_config(), such as configs/clean/lm_kor.py, instead of the usual "
        "settings; any key is set by --config.key=value",
        sys_argv=argv,
        **of,
    )
    input_flags.define_input(flag_values)
    flags.DEFINE_string("output", None, "directory for the text and the report", **of)
    flags.DEFINE_integer("workers", 0, "worker processes; 0 is one a core", **of)
    flags.DEFINE_integer(
        "memory_mb",
        1024,
        "memory of all workers together for finding duplicates; of each worker with --runner",
        **of,
    )
    flags.DEFINE_integer(
        "shards", 0, "number of files; 0 is one for every 64 MB, and 16 at least", **of
    )
    flags.DEFINE_string("compress", "none", f"compression of the text: {', '.join(ENDINGS)}", **of)
    flags.DEFINE_string(
        "sentences", None, f"a sentence a line: {', '.join(KINDS)}; else as the config says", **of
    )
    flags.DEFINE_string(
        "category_field",
        "",
        "field (jsonl) or column (tsv); each of its values gets a directory",
        **of,
    )
    runner_flags.define_runner(flag_values)
    flags.DEFINE_bool("overwrite", False, "replace the output of another cleaning", **of)
    flags.DEFINE_list(
        "train_quality", [], "files of documents to drop: train a quality model and end", **of
    )
    flags.mark_flags_as_required(["input", "output"], flag_values=flag_values)


def main(flag_values: flags.FlagValues, options: list[str]) -> None:
    """Run `kortf clean`; `options` are those of the runner."""
    runner = runner_flags.make_runner(flag_values, options, "clean", flag_values.workers)
    values = flag_values.config.to_dict()
    if flag_values.sentences is not None:
        values["sentences"] = flag_values.sentences
    settings = from_config(values)
    output = os.path.expanduser(flag_values.output)
    if flag_values.train_quality:
        _train_quality(flag_values, settings, output)
        return
    wanted = CleanPlan(
        settings,
        category_field=flag_values.category_field,
        compress=flag_values.compress,
        shards=flag_values.shards,
    )
    text_files = input_flags.open_input(flag_values)
    started = time.monotonic()
    made = clean_corpus(
        text_files,
        wanted,
        output,
        worker_count=flag_values.workers,
        memory_mb=flag_values.memory_mb,
        overwrite=flag_values.overwrite,
        runner=runner,
    )
    seconds = time.monotonic() - started
    print(
        "\n".join([report.describe(made), *input_flags.describe_skipped(made.get("bad_rows", {}))])
    )
    size = sum(entry["bytes"] for entry in made["input"])
    print(f"{seconds:.1f} s, {size / seconds / 1e6:.1f} MB/s of input")


def _train_quality(flag_values: flags.FlagValues, settings: CleanSettings, output: str) -> None:
    """Train a quality model on the documents as the rules leave them."""
    rules = make_rules(settings.values)._replace(filters=[])
    check_output(output, [])

    def read(patterns: list[str], flag: str) -> list[str]:
        paths = files.expand(patterns, flag)
        found = read_documents(
            paths, flag_values.format, flag_values.text_fields, encoding=flag_values.encoding
        )
        documents = ["\n".join(document.sentences) for document in found]
        return Cleaner(rules, Tally(rule_names(settings.values))).clean(documents)[0]

    good = read(flag_values.input, "--input")
    bad = read(flag_values.train_quality, "--train_quality")
    model, scores = train_quality(good, bad, seed=0)
    write_model(output, model, scores)
    print(
        f"{output}: {scores['good']:,} documents to keep, {scores['bad']:,} to drop; on "
        f"{scores['held_out']:,} held-out documents precision {scores['precision']:.3f}, recall "
        f"{scores['recall']:.3f}"
    )
