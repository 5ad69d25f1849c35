"""Apply to many documents at once the rules that need no other document."""

from itertools import compress

from kortf.clean.characters import MARK
from kortf.clean.rule_set import EMPTY_LINES, Rules
from kortf.clean.tally import Tally

# A rule may make work for another, which is rare; what still changes after so many rounds is a
# pattern of the user's that has more to remove each time.
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
            lines = one.change_text(before)
            after = one.change_documents(lines)
            again = self._unsettled(before, lines)
            again |= {n for n, (a, b) in enumerate(zip(lines, after, strict=True)) if a != b}
            for place, document in zip(places, after, strict=True):
                settled[place] = document
            places = [places[number] for number in sorted(again) if after[number]]
            if not places:
                break
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
        """Return the numbers of the documents with a new line that a rule for text would change."""
        fresh, owners = [], []
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            if new and new != old:
                known = set(old.split("\n"))
                found = [line for line in new.split("\n") if line not in known]
                fresh += found
                owners += [number] * len(found)
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
        """Return all documents as the rules for text leave them, the empty ones among them."""
        text = MARK.join(documents)
        for rule in self._rules.of_text:
            changed = rule.apply(text)
            if changed != text:
                after = changed.split(MARK)
                self._count(rule.name, documents, after, hide=rule.private)
                text, documents = changed, after
        if "\n\n" in text or f"\n{MARK}" in text or f"{MARK}\n" in text or text != text.strip("\n"):
            after = ["\n".join(filter(None, document.split("\n"))) for document in documents]
            self._count(EMPTY_LINES, documents, after)
            documents = after
        return documents

    def _count(self, name: str, before: list[str], after: list[str], hide: bool = False) -> None:
        if before == after:
            return
        pairs = zip(self._places, before, after, strict=True)
        touched = {place for place, old, new in pairs if old != new}
        counted = self._counted.setdefault(name, set())
        self._tally.changed(name, before, after, hide, again=len(touched & counted))
        counted |= touched
