"""Train a vocabulary on raw text, or extend one: WordPiece or SentencePiece, for Hugging Face too.

  kortf vocab --input='wiki/*.txt,reviews.txt.gz' --output=vocab --size=32000 --lowercase
  kortf vocab --extend=model --input='laws/*.txt' --output=vocab-law

Writes vocab.txt (or spiece.model), tokenizer_config.json and tokenizer.json, and vocab_report.json
with the fit of the vocabulary to every 50th document; those are not trained on. The corpus is read
twice. The same text gives the same vocabulary. --output is written whole or not at all, and may not
be a directory of another kind.

With --extend, the terms that shorten the text most (or those of --terms=FILE) take the [unused]
slots of a WordPiece vocabulary; all other ids stay. kortf pretrain --init_from continues to train a
model with it: the vector of a new piece starts as the mean of the pieces it was cut into before.

  kortf vocab --compare=vocab,klue/bert-base --input='wiki/*.txt' --questions=KorQuAD_v1.0_dev.json

--compare prints a table instead: the share of [UNK], tokens per eojeol, eojeol that are one piece,
the F1 of boundaries inside eojeol against those of morphemes (pip install 'kortf[kiwi]'), and the
share of answers that end where a piece ends.
"""

import contextlib
import functools
import os
import sys

from absl import flags

from kortf import files
from kortf.atomic_directory import stage
from kortf.cli.flags import input as input_flags
from kortf.cli.vocabularies import comparison, extension
from kortf.data.corpus import corpus
from kortf.data.progress import Progress
from kortf.data.reader import BadRows
from kortf.errors import InputError
from kortf.text.training import vocab
from kortf.text.training.vocab import VocabSettings
from kortf.text.unicode import removal
from kortf.text.vocabulary.saving import remove_other_files, save_vocabulary
from kortf.text.vocabulary.vocabulary import VOCABULARY_FILES, Vocabulary

REPORT_FILE = "vocab_report.json"
# Files that tell another kind of directory.
_OTHERS = {
    "config.json": "model",
    "records.json": "records",
    "clean.json": "cleaned corpus",
    "metrics.jsonl": "work",
    "saved_model.pb": "SavedModel",
}

# Command that usually follows, with values of flags.
NEXT = "kortf records --input=FILES --vocab={output} --output=DIR"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf vocab`."""
    del argv
    default = VocabSettings()
    of = {"flag_values": flag_values}
    input_flags.define_input(flag_values)
    flags.DEFINE_string("output", None, "directory for the vocabulary", **of)
    flags.DEFINE_string("type", default.kind, f"kind: {' or '.join(vocab.KINDS)}", **of)
    flags.DEFINE_string(
        "model", default.model, f"of sentencepiece: {' or '.join(vocab.MODELS)}", **of
    )
    flags.DEFINE_integer(
        "size", default.size, "number of pieces, including special tokens and unused slots", **of
    )
    flags.DEFINE_bool("lowercase", default.lowercase, "lower-case all text (accents stay)", **of)
    flags.DEFINE_integer(
        "unused", default.unused, "[unusedN] slots for later pieces, counted in --size", **of
    )
    flags.DEFINE_integer(
        "limit_alphabet",
        default.limit_alphabet,
        "maximum number of characters that become pieces, the most frequent first; "
        "0 is up to 6,000 in half of the vocabulary, or three quarters if needed",
        **of,
    )
    flags.DEFINE_list(
        "remove",
        list(default.remove),
        f"kinds of characters ({', '.join(removal.KINDS)}) that this vocabulary removes from every "
        "text: here, in records, in fine-tuning and in serving",
        **of,
    )
    flags.DEFINE_integer(
        "sample_mb",
        default.sample_mb,
        "train on at most this many MB of text, evenly thinned: memory grows with it; "
        "0 is 400, and 64 for unigram",
        **of,
    )
    flags.DEFINE_string(
        "pretokenizer",
        default.pretokenizer,
        "kiwi: no piece crosses the border of two morphemes, which Kiwi finds in training only "
        "(pip install 'kortf[kiwi]'); the result is a plain WordPiece",
        **of,
    )
    flags.DEFINE_bool("jamo", default.jamo, "WordPiece of jamo instead of syllables", **of)
    flags.DEFINE_bool(
        "byte_fallback", default.byte_fallback, "SentencePiece: bytes instead of [UNK]", **of
    )
    extension.define_extension(flag_values)
    comparison.define_comparison(flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Run `kortf vocab`."""
    settings = VocabSettings(
        kind=flag_values.type,
        **{name: flag_values[name].value for name in VocabSettings._fields if name != "kind"},
    )
    if flag_values.compare:
        print(_compare(flag_values))
        return
    if not flag_values.output:
        raise InputError("--output", "is missing", "give a directory for the vocabulary")
    if flag_values.questions:
        raise InputError("--questions", "needs --compare", "name vocabularies by --compare=")
    extension.check_flags(flag_values)
    vocab.check(settings)
    only_terms = flag_values.terms is not None and flag_values.input is None
    text_files = [] if only_terms else input_flags.open_input(flag_values)
    bad_rows = BadRows()
    output = os.path.expanduser(flag_values.output)
    _check_output(output)

    def read():
        nonlocal bad_rows
        bad_rows = BadRows()  # the corpus is read twice: what is skipped counts once
        return (document.sentences for document in corpus.read_files(text_files, bad_rows))

    with contextlib.ExitStack() as stack:

        def begin(label: str, total: int):
            stack.close()
            print(f"{label} …", file=sys.stderr)
            progress = Progress(label, total)
            stack.callback(progress.close)
            return progress.advance

        if flag_values.extend is None:
            vocabulary, report = vocab.train(read, settings, begin)
        else:
            vocabulary, report = extension.run_extension(
                flag_values, None if only_terms else read, begin
            )
    _write(vocabulary, report, output)
    print("\n".join([_describe(report), *input_flags.describe_skipped(bad_rows.to_json())]))


def _compare(flag_values: flags.FlagValues) -> str:
    if flag_values.output:
        raise InputError("--output", "--compare writes nothing", "leave --output out")
    text_files = input_flags.open_input(flag_values)
    return comparison.compare(flag_values.compare, text_files, flag_values.questions)


def _check_output(directory: str) -> None:
    """Refuse a directory of another kind, whose files the vocabulary would replace or mix with."""
    if not files.exists(directory):
        return
    if not files.is_remote(directory) and not os.path.isdir(directory):
        raise InputError(f"--output={directory}", "is a file", "name another directory")
    for name in files.listdir(directory):
        kind = _kind_of(name)
        if kind:
            problem = f"a {kind} directory: {name} is in it"
            raise InputError(f"--output={directory}", problem, "name another directory")


def _kind_of(name: str) -> str | None:
    return _OTHERS.get(name) or ("model" if name.endswith(".safetensors") else None)


def _write(vocabulary: Vocabulary, report: dict, directory: str) -> None:
    """Write all files; a vocabulary that is there is replaced as a whole."""
    written = set()
    tidy = functools.partial(remove_other_files, written)
    with stage(directory, VOCABULARY_FILES[vocabulary.kind], tidy) as beside:
        written |= save_vocabulary(vocabulary, beside)
        files.write_json(os.path.join(beside, REPORT_FILE), report)


def _describe(report: dict) -> str:
    what = extension.describe_extension if "extends" in report else _describe_training
    lines = [what(report)]
    if "removed" in report:
        lines.append(removal.describe(report["removed"]))
    lines.append(f"{report['seconds']:.1f} s, peak memory {report['peak_memory_mb']:,} MB")
    return "\n".join(lines)


def _describe_training(report: dict) -> str:
    held = report["held_back"]
    kind = " ".join(filter(None, (report["type"], report.get("model"))))
    lines = [
        f"{report['size']:,} pieces ({kind}), {report['alphabet']:,} of one character, "
        f"{report['unused']:,} unused",
        f"trained on {report['trained_share']:.0%} of {report['documents']:,} documents, "
        f"{report['bytes'] / 1e6:,.1f} MB",
    ]
    if held["eojeol"]:
        lines.append(
            f"held back: {held['documents']:,} documents, {held['eojeol']:,} eojeol; "
            f"characters covered {held['character_coverage']:.3%}, "
            f"[UNK] {held['unknown_rate']:.3%} of tokens, "
            f"{held['pieces_per_eojeol']:.3f} pieces per eojeol, "
            f"{held['whole_eojeol']:.1%} of eojeol whole"
        )
    else:
        lines.append("held back: nothing, the corpus has fewer than 50 documents")
    return "\n".join(lines)
