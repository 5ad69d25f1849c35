"""Which entities were taken for which, and which were missed or made up."""

import os
from collections.abc import Iterator, Sequence

from kortf import files
from kortf.report.errors.answers import Answer
from kortf.report.errors.gold import NoGold, find_scored_file, scored_name
from kortf.report.errors.tagged import Tagged, read_lines, read_tagged, read_words_and_tags
from kortf.report.run import Run

NONE = "–"  # no entity there
WORDS, TAGS = ".words.txt", ".tags.txt"
AROUND = 24  # characters of the sentence on each side


def finds_entities(run: Run) -> bool:
    """Whether a run tags the tokens of a text."""
    return "label_at" in ((run.model.get("kortf") or {}).get("task_settings") or {})


def entity_answers(run: Run, data: Sequence[str]) -> list[Answer]:
    """Every entity of either side; a gold one that was missed is predicted as `–`.

    Raises:
        NoGold: the scored file is not at hand, or does not fit the predictions.
    """
    predicted, gold = _sentences(run, data)
    remaining, answers = iter(gold), []
    for sentence in predicted:
        match = next((other for other in remaining if other.text == sentence.text), None)
        if match is None:
            raise NoGold("the predictions and the scored file do not hold the same sentences")
        answers += _compared(sentence, match)
    return answers


def _sentences(run: Run, data: Sequence[str]) -> tuple[list[Tagged], list[Tagged]]:
    tags = os.path.join(run.path, f"predictions{TAGS}")
    if files.exists(tags):
        name = scored_name(run)
        words = read_lines(find_scored_file(run, data))
        gold = read_lines(find_scored_file(run, data, name.replace(WORDS, TAGS)))
        return read_words_and_tags(words, read_lines(tags)), read_words_and_tags(words, gold)
    for ending in ("tsv", "jsonl"):
        path = os.path.join(run.path, f"predictions.{ending}")
        if files.exists(path):
            return read_tagged(path), read_tagged(find_scored_file(run, data))
    raise NoGold("there are no predictions in the work directory")


def _compared(predicted: Tagged, gold: Tagged) -> Iterator[Answer]:
    ours = {(start, end): label for start, end, label in predicted.entities}
    theirs = {(start, end): label for start, end, label in gold.entities}
    for start, end in sorted({*ours, *theirs}):
        before, after = max(0, start - AROUND), min(len(gold.text), end + AROUND)
        text = gold.text
        shown = f"{text[before:start]}【{text[start:end]}】{text[end:after]}"
        shown = ("…" if before else "") + shown + ("…" if after < len(text) else "")
        yield Answer(shown, theirs.get((start, end), NONE), ours.get((start, end), NONE))
