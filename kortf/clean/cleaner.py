"""Apply to many documents at once the rules that need no other document."""

from itertools import compress

from absl import logging

from kortf.clean.characters import MARK
from kortf.clean.reporting.tally import Tally
from kortf.clean.rule_set import EMPTY_LINES, Rules

# A rule rarely makes work for another. What still changes after so many rounds is a pattern of the
# user's that finds more to remove each time; it is reported.
_MOST_ROUNDS = 50


class Cleaner:
    """Applies rules to documents and counts what they do.

    The rules apply again to each document that they have changed, until they leave it as it is:
    cleaning the output again changes nothing.

    Args:
        rules: See `kortf.clean.rule_set`.
        tally: Takes the counts.
    """

    def __init__(self, rules: Rules, tally: Tally):
        self._rules = rules
        self._tally = tally

    def clean(self, documents: list[str]) -> tuple[list[str], list[int]]:
        """Return the documents that are left, and their places among the given ones.

        Args:
            documents: Lines with newlines between them, none empty.

        Example:
            With rules that remove emoji and drop documents of fewer than 3 characters, "봄이
            왔다😀", "굿" and "😀" give ["봄이 왔다"] and [0].
        """
        settled = list(documents)
        counted: dict[str, set[int]] = {}
        places = list(range(len(documents)))
        for number in range(_MOST_ROUNDS):
            before = [settled[place] for place in places]
            one = _Round(self._rules, self._tally, counted, places, number == 0)
            changed = one.change_text(before)
            again = self._unsettled(before, changed)
            lines = one.remove_empty_lines(changed)
            after = one.change_documents(lines)
            again |= {n for n, (a, b) in enumerate(zip(lines, after, strict=True)) if a != b}
            for place, document in zip(places, after, strict=True):
                settled[place] = document
            places = [places[number] for number in sorted(again) if after[number]]
            if not places:
                break
        else:
            logging.warning(
                "rules still change %d documents after %d rounds", len(places), _MOST_ROUNDS
            )
        places = [place for place, document in enumerate(settled) if document]
        left = [settled[place] for place in places]
        for rule in self._rules.filters:
            drops = rule.drops(left)
            if any(drops):
                self._tally.dropped(rule.name, list(compress(left, drops)))
                kept = [not drop for drop in drops]
                left, places = list(compress(left, kept)), list(compress(places, kept))
        return left, places

    def _unsettled(self, before: list[str], after: list[str]) -> set[int]:
        """Return the numbers of the documents with a changed line that rules would change again.

        Args:
            before, after: Documents with the same lines, before and after the rules for text.
        """
        fresh, owners = [], []
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if new != old:
                pairs = zip(old.split("\n"), new.split("\n"), strict=True)
                changed = [line for known, line in pairs if line != known]
                fresh += changed
                owners += [number] * len(changed)
        text = "\n".join(fresh)
        for rule in self._rules.of_text:
            text = rule.apply(text)
        pairs = zip(owners, fresh, text.split("\n") if fresh else (), strict=True)
        return {owner for owner, old, new in pairs if old != new}


class _Round:
    """One application of all rules.

    Args:
        rules, tally: As `Cleaner` has them.
        counted: By rule, places of documents that it has changed before.
        places: Place of each document.
        first: Whether it is the first round.
    """

    def __init__(
        self,
        rules: Rules,
        tally: Tally,
        counted: dict[str, set[int]],
        places: list[int],
        first: bool,
    ):
        self._rules = rules
        self._tally = tally
        self._counted = counted
        self._places = places
        self._first = first

    def change_documents(self, documents: list[str]) -> list[str]:
        """Return all documents as the rules for documents leave them, the empty ones among them."""
        for rule in self._rules.of_documents:
            if self._first or not rule.once:
                changed = [document and rule.apply(document) for document in documents]
                self._count(rule.name, documents, changed)
                documents = changed
        return documents

    def change_text(self, documents: list[str]) -> list[str]:
        """Return all documents as the rules for text leave them, with the lines that they empty."""
        text = MARK.join(documents)
        for rule in self._rules.of_text:
            changed = rule.apply(text)
            if changed != text:
                after = changed.split(MARK)
                self._count(rule.name, documents, after, hide=rule.private)
                text, documents = changed, after
        return documents

    def remove_empty_lines(self, documents: list[str]) -> list[str]:
        """Return all documents without empty lines, the empty documents among them."""
        text = MARK.join(documents)
        if "\n\n" in text or f"\n{MARK}" in text or f"{MARK}\n" in text or text != text.strip("\n"):
            after = ["\n".join(filter(None, document.split("\n"))) for document in documents]
            self._count(EMPTY_LINES, documents, after)
            return after
        return documents

    def _count(self, name: str, before: list[str], after: list[str], hide: bool = False) -> None:
        if before == after:
            return
        pairs = zip(self._places, before, after, strict=True)
        touched = {place for place, old, new in pairs if old != new}
        counted = self._counted.setdefault(name, set())
        self._tally.changed(name, before, after, hide, again=len(touched & counted))
        counted |= touched
