"""`kortf vocab --compare`: a table of several vocabularies on one text."""

import os
import sys

from absl import flags

from kortf import files
from kortf.data.corpus import corpus
from kortf.data.corpus.text_file import TextFile
from kortf.errors import InputError
from kortf.text.kiwi import Kiwi
from kortf.text.training.comparison import Answer, Fit, fit_of
from kortf.text.training.survey import HeldBack
from kortf.text.vocabulary.loading import load_vocabulary

_ANALYSED_CHARS = 400_000  # of which Kiwi finds the morphemes, in some seconds
_COLUMNS = (
    ("pieces", "size", "{:,}"),
    ("[UNK]", "unknown", "{:.3%}"),
    ("per eojeol", "tokens_per_eojeol", "{:.3f}"),
    ("whole", "whole_eojeol", "{:.1%}"),
    ("morpheme F1", "morpheme_f1", "{:.3f}"),
    ("answers", "answers", "{:.1%}"),
)


def define_comparison(flag_values: flags.FlagValues) -> None:
    """Define the flags of a comparison."""
    of = {"flag_values": flag_values}
    flags.DEFINE_list(
        "compare",
        [],
        "vocabulary or model directories: print a table of how they cut --input, and write nothing",
        **of,
    )
    flags.DEFINE_string(
        "questions",
        None,
        "with --compare: file in KorQuAD's format, for the share of answers that end on a piece",
        **of,
    )


def compare(directories: list[str], text_files: list[TextFile], questions: str | None) -> str:
    """Return a table of vocabularies.

    Args:
        directories: Vocabulary or model directories.
        text_files: Text to cut; much text is thinned evenly.
        questions: File in KorQuAD's format, or None.

    Raises:
        InputError: A directory holds no vocabulary, or a file cannot be read.
    """
    vocabularies = {path: load_vocabulary(os.path.expanduser(path)) for path in directories}
    answers = read_answers(questions) if questions else []
    kept = HeldBack()
    for document in corpus.read_files(text_files):
        kept.add(document.sentences, False)
    lines = [line for text in kept.texts for line in text.split("\n")]
    analysed = _analysed(lines)
    rows = {}
    for path, vocabulary in vocabularies.items():
        try:
            rows[path] = fit_of(vocabulary, lines, analysed, answers)
        except ValueError as error:
            cure = "leave it out of --compare"
            raise InputError(path, f"cannot be compared ({error})", cure) from error
    return _table(rows)


def read_answers(path: str) -> list[Answer]:
    """Return the first answer to each question of a file in KorQuAD's format.

    Raises:
        InputError: The file is not in that format.
    """
    found = []
    try:
        for article in files.read_json(path)["data"]:
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"]:
                    for answer in question["answers"][:1]:
                        start = int(answer["answer_start"])
                        end = start + len(answer["text"])
                        found.append(Answer(str(paragraph["context"]), start, end))
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        problem = f"not in KorQuAD's format ({type(error).__name__}: {error})"
        raise InputError(path, problem, "name a file with data, paragraphs and qas") from error
    usable = [a for a in found if 0 <= a.start < a.end <= len(a.context)]
    if not usable:
        raise InputError(path, "there is no answer in it", "name a file with answers")
    if len(usable) < len(found):
        print(f"{path}: {len(found) - len(usable):,} answers left out", file=sys.stderr)
    return usable


def _analysed(lines: list[str]) -> list[tuple[str, set[int]]]:
    """Return some lines with their morphemes; none, after a note, without Kiwi."""
    step = max(1, sum(map(len, lines)) // _ANALYSED_CHARS)
    some = lines[::step]
    try:
        starts = Kiwi("--compare", threads=0).morpheme_starts(some)
    except InputError as error:
        print(f"no morphemes: {error.parts[1]}; {error.parts[2]}", file=sys.stderr)
        return []
    return list(zip(some, starts, strict=True))


def _table(rows: dict[str, Fit]) -> str:
    wanted = [c for c in _COLUMNS if any(getattr(fit, c[1]) is not None for fit in rows.values())]
    width = max(len("vocabulary"), *map(len, rows))
    lines = ["vocabulary".ljust(width) + "".join(f"{title:>13}" for title, _, _ in wanted)]
    for path, fit in rows.items():
        cells = (form.format(getattr(fit, name)) for _, name, form in wanted)
        lines.append(path.ljust(width) + "".join(f"{cell:>13}" for cell in cells))
    return "\n".join(lines)
