"""Puts many documents at once through the rules that need no other document."""

from itertools import compress

from kortf.clean.characters import MARK
from kortf.clean.rule_order import EMPTY_LINES, Rules
from kortf.clean.tally import Tally


class Cleaner:
    """Applies rules to documents and counts what they do.

    Args:
        rules: see `kortf.clean.rule_order`.
        tally: takes the counts.
    """

    def __init__(self, rules: Rules, tally: Tally):
        self._rules = rules
        self._tally = tally

    def clean(self, documents: list[str]) -> tuple[list[str], list[int]]:
        """The documents that are left, and their places among those given.

        Args:
            documents: lines with newlines between them, none empty.

        Example:
            With rules that remove emoji and drop what has fewer than 3 characters, "봄이 왔다😀",
            "굿" and "😀" give ["봄이 왔다"] and [0].
        """
        left = self._change_text(documents)
        places = [place for place, document in enumerate(left) if document]
        left = list(filter(None, left))
        for rule in self._rules.of_documents:
            changed = list(map(rule.apply, left))
            if changed != left:
                self._tally.changed(rule.name, left, changed)
                left, places = _select(changed, places, [not document for document in changed])
        for rule in self._rules.filters:
            drops = rule.drops(left)
            if any(drops):
                self._tally.dropped(rule.name, list(compress(left, drops)))
                left, places = _select(left, places, drops)
        return left, places

    def _change_text(self, documents: list[str]) -> list[str]:
        """All documents as the rules for text leave them, the empty ones among them."""
        text = MARK.join(documents)
        for rule in self._rules.of_text:
            changed = rule.apply(text)
            if changed != text:
                after = changed.split(MARK)
                self._tally.changed(rule.name, documents, after, hide=rule.private)
                text, documents = changed, after
        if "\n\n" in text or f"\n{MARK}" in text or f"{MARK}\n" in text or text != text.strip("\n"):
            after = ["\n".join(filter(None, document.split("\n"))) for document in documents]
            self._tally.changed(EMPTY_LINES, documents, after)
            documents = after
        return documents


def _select(
    documents: list[str], places: list[int], drops: list[bool]
) -> tuple[list[str], list[int]]:
    kept = [not drop for drop in drops]
    return list(compress(documents, kept)), list(compress(places, kept))
