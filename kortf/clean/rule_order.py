"""The rules that settings ask for, in their order."""

from typing import NamedTuple

from kortf.clean.rule import DocumentRule, Filter, TextRule
from kortf.clean.rules.boilerplate import Boilerplate
from kortf.clean.rules.compose import Compose
from kortf.clean.rules.email import Email
from kortf.clean.rules.empty_brackets import EmptyBrackets
from kortf.clean.rules.headings import Headings
from kortf.clean.rules.language import Language
from kortf.clean.rules.length import Length
from kortf.clean.rules.phone import Phone
from kortf.clean.rules.remove_characters import RemoveCharacters
from kortf.clean.rules.repeats import Repeats
from kortf.clean.rules.resident_number import ResidentNumber
from kortf.clean.rules.sentences import Sentences
from kortf.clean.rules.short_lines import ShortLines
from kortf.clean.rules.white_space import WhiteSpace
from kortf.clean.settings import CleanSettings

# Rules that look at the whole corpus, and lines that others have left empty.
EMPTY_LINES = "empty_lines"
SAME_DOCUMENTS = "duplicates.documents"
NEAR_DOCUMENTS = "near"
SAME_LINES = "duplicates.lines"


class Rules(NamedTuple):
    """Rules by kind, each kind in its order; the kinds come in the order of the fields."""

    of_text: list[TextRule]
    of_documents: list[DocumentRule]
    filters: list[Filter]


def make_rules(settings: CleanSettings, wiki: bool = False) -> Rules:
    """The rules that settings ask for.

    Args:
        settings: of the cleaning.
        wiki: whether the text is that of a wiki's extractor.
    """
    boilerplate, private = settings.boilerplate, settings.private
    # Composition comes after removals, which bring jamo together. Masks come after every rule that
    # removes characters between digits, and before the one that cuts a run of masked digits.
    of_text = [
        settings.control and RemoveCharacters("control"),
        *(RemoveCharacters(kind) for kind in settings.removed_kinds),
        settings.compose and Compose(),
        boilerplate.patterns and Boilerplate(list(boilerplate.patterns)),
        boilerplate.empty_brackets and EmptyBrackets(),
        private.resident_number and ResidentNumber(private.resident_number),
        private.phone and Phone(private.phone),
        private.email and Email(private.email),
        settings.repeats and Repeats(settings.repeats),
        settings.white_space and WhiteSpace(),
    ]
    headings = boilerplate.headings == "always" or (boilerplate.headings == "wiki" and wiki)
    of_documents = [
        headings and Headings(),
        settings.sentences != "none" and Sentences(settings.sentences),
        settings.short_lines and ShortLines(settings.short_lines),
    ]
    filters = [*make_lengths(settings), settings.hangul_share and Language(settings.hangul_share)]
    return Rules(*(list(filter(None, kind)) for kind in (of_text, of_documents, filters)))


def make_lengths(settings: CleanSettings) -> list[Length]:
    """The filters by length: they are asked once more when lines have gone as duplicates."""
    limits = settings.length
    ends = {
        unit: (getattr(limits, f"min_{unit}"), getattr(limits, f"max_{unit}"))
        for unit in ("chars", "words", "lines")
    }
    return [Length(unit, least, most) for unit, (least, most) in ends.items() if least > 1 or most]


def rule_names(settings: CleanSettings) -> list[str]:
    """Names of all rules of a cleaning, in the order in which a report has them."""
    names = [[rule.name for rule in kind] for kind in make_rules(settings, wiki=True)]
    more = [
        settings.duplicates.documents and SAME_DOCUMENTS,
        settings.near.threshold and NEAR_DOCUMENTS,
        settings.duplicates.lines and SAME_LINES,
    ]
    return [*names[0], EMPTY_LINES, *names[1], *names[2], *filter(None, more)]
