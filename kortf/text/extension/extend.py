"""Extend a vocabulary by a domain's terms, and report the tokens saved."""

import time
from collections.abc import Callable
from typing import NamedTuple

from kortf.errors import InputError
from kortf.text.extension import extension
from kortf.text.extension.former_parts import former_parts
from kortf.text.extension.terms import choose_terms
from kortf.text.training import coverage
from kortf.text.training.survey import Advance, Reader
from kortf.text.training.vocab import peak_memory_mb
from kortf.text.training.word_counts import WordCounts, count_words
from kortf.text.vocabulary.vocabulary import Vocabulary


class ExtensionSettings(NamedTuple):
    """Settings of an extension.

    Attributes:
        place: Directory of the vocabulary, for messages.
        size: Most new pieces; 0 for the number of slots, or of `terms`.
        terms: The user's terms, which come first; None to choose by the text alone.
    """

    place: str
    size: int = 0
    terms: list[str] | None = None


def extend_vocabulary(
    vocabulary: Vocabulary,
    settings: ExtensionSettings,
    read: Reader | None,
    begin: Callable[[str, int], Advance],
) -> tuple[Vocabulary, dict]:
    """Put terms into the unused slots of a vocabulary; every 50th document is held back.

    Args:
        vocabulary: WordPiece vocabulary with `[unusedN]` slots.
        settings: Settings of the extension.
        read: Begins a pass over the domain's text; None where there is only a list of terms.
        begin: Called at the beginning of each stage with its name and the bytes to come (0:
            unknown); returns a function that is called with the progress.

    Returns:
        The extended vocabulary, and the content of `vocab_report.json`.

    Raises:
        InputError: There is no slot, no term, or fewer slots than asked for.
    """
    started = time.monotonic()
    extension.check_extensible(vocabulary, settings.place)
    slots = len(vocabulary.unused_ids)
    if not 0 <= settings.size <= slots:
        problem = f"{slots:,} [unused] slots are left in {settings.place}"
        raise InputError(
            f"--size_of_extension={settings.size}", problem, f"give 1 to {slots}, or omit it"
        )
    listed = extension.usable_terms(settings.terms or (), vocabulary)
    limit = settings.size or (slots if settings.terms is None else len(listed.pieces))
    terms = dict.fromkeys(listed.pieces[: min(limit, slots)])
    seen = _count(vocabulary, read, begin)
    if len(terms) < limit and seen.words:
        begin("choosing terms", 0)
        pieces = [*vocabulary.pieces, *terms]
        terms |= dict(choose_terms(seen.words, pieces, min(limit, slots) - len(terms)))
    if not terms:
        raise _nothing_to_do(settings, listed)
    new = extension.extend(vocabulary, list(terms))
    report = _report(vocabulary, new, terms, listed, seen)
    report["seconds"] = round(time.monotonic() - started, 1)
    return new, report | {"peak_memory_mb": peak_memory_mb()}


def _count(vocabulary: Vocabulary, read: Reader | None, begin) -> WordCounts:
    if read is None:
        return WordCounts(0, 0, {}, [], None)
    seen = count_words(read(), vocabulary, begin("counting words", 0))
    if not seen.words:
        raise InputError("--input", "no text in it", "give files that hold text")
    return seen


def _nothing_to_do(settings: ExtensionSettings, listed: extension.UsableTerms) -> InputError:
    if settings.terms is None:
        problem = "nothing to do: it cuts no word of this text that comes again into pieces"
        return InputError(settings.place, problem, "give more text, or a list (--terms=FILE)")
    reasons = [f"{len(terms):,} {reason}" for reason, terms in listed.skipped.items()]
    problem = f"nothing to do: no new term in it ({', '.join(reasons) or 'empty'})"
    return InputError("--terms", problem, "give terms that the vocabulary does not have")


def _report(
    old: Vocabulary,
    new: Vocabulary,
    terms: dict[str, int | None],
    listed: extension.UsableTerms,
    seen: WordCounts,
) -> dict:
    parts = former_parts(old, new)
    added = []
    for i, ids in parts.items():
        entry = {"id": i, "piece": new.pieces[i], "slot": old.pieces[i]}
        entry["was_cut_into"] = [old.pieces[part] for part in ids]
        saved = terms[new.pieces[i]]
        added.append(entry | ({} if saved is None else {"saves": saved}))
    from_list = sum(saved is None for saved in terms.values())
    report = {
        "type": new.kind,
        "size": new.size,
        "lowercase": new.lowercase,
        "unused": len(new.unused_ids),
        "fingerprint": new.fingerprint,
        "extends": old.fingerprint,
        "slots": len(old.unused_ids),
        "filled": len(added),
        "from_list": from_list,
        "without_slot": len(listed.pieces) - from_list,
        "skipped": {reason: len(words) for reason, words in listed.skipped.items()},
        "documents": seen.documents,
        "bytes": seen.bytes,
        "held_back": {
            "documents": len(seen.held_back),
            "before": coverage.measure(old, seen.held_back)._asdict(),
            "after": coverage.measure(new, seen.held_back)._asdict(),
        },
        "added": added,
    }
    return report | ({"removed": seen.removed} if seen.removed else {})
