"""Train a vocabulary on raw text: WordPiece or SentencePiece, as Hugging Face reads it.

  kortf vocab --input='wiki/*.txt,reviews.txt.gz' --output=vocab --size=32000 --lowercase

Writes vocab.txt (or spiece.model), tokenizer_config.json and tokenizer.json, and vocab_report.json,
which says how well the vocabulary fits every 50th document: those are not trained on. The corpus is
read twice; the same text gives the same vocabulary.
"""

import contextlib
import os
import sys

from absl import flags

from kortf import files
from kortf.data import corpus, text_file
from kortf.data.progress import Progress
from kortf.text import vocab
from kortf.text.vocab import VocabSettings

REPORT_FILE = "vocab_report.json"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf vocab`."""
    del argv
    default = VocabSettings()
    of = {"flag_values": flag_values}
    flags.DEFINE_list("input", None, "files of raw text, as globs; may be compressed", **of)
    flags.DEFINE_string("output", None, "directory for the vocabulary", **of)
    flags.DEFINE_string("type", default.kind, f"kind: {' or '.join(vocab.KINDS)}", **of)
    flags.DEFINE_string(
        "model", default.model, f"of sentencepiece: {' or '.join(vocab.MODELS)}", **of
    )
    flags.DEFINE_integer(
        "size", default.size, "pieces in all: special tokens and unused slots count", **of
    )
    flags.DEFINE_bool("lowercase", default.lowercase, "lower-case all text (accents stay)", **of)
    flags.DEFINE_integer(
        "unused", default.unused, "slots [unused0] … for pieces to come, within --size", **of
    )
    flags.DEFINE_integer(
        "limit_alphabet",
        default.limit_alphabet,
        "most characters that become pieces, the frequent ones first; "
        "0 is up to 6,000 in half of the vocabulary, three quarters if they are needed",
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
        "format", "auto", f"format of the input: {', '.join(text_file.FORMATS)}", **of
    )
    flags.DEFINE_list(
        "text_fields", [], "fields (jsonl) or columns (tsv) of the text; jsonl has 'text'", **of
    )
    flags.mark_flags_as_required(["input", "output"], flag_values=flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Runs `kortf vocab`."""
    settings = VocabSettings(
        kind=flag_values.type,
        **{name: flag_values[name].value for name in VocabSettings._fields if name != "kind"},
    )
    vocab.check(settings)
    paths = files.expand(flag_values.input)
    files.makedirs(flag_values.output)

    def read():
        documents = corpus.read_documents(paths, flag_values.format, flag_values.text_fields)
        return (document.sentences for document in documents)

    with contextlib.ExitStack() as stack:

        def begin(label: str, total: int):
            stack.close()
            print(f"{label} …", file=sys.stderr)
            progress = Progress(label, total)
            stack.callback(progress.close)
            return progress.advance

        vocabulary, report = vocab.train(read, settings, begin)
    vocabulary.save(flag_values.output)
    files.write_json(os.path.join(flag_values.output, REPORT_FILE), report)
    print(_describe(report))


def _describe(report: dict) -> str:
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
    lines.append(f"{report['seconds']:.1f} s, peak memory {report['peak_memory_mb']:,} MB")
    return "\n".join(lines)
