"""Count the effects of each rule, and keep a small sample of them."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import compress
from operator import ne
from typing import Any

from kortf.clean.reporting.excerpt import change, excerpt

SAMPLES = 20
# Changes that a block and rule offer to the sample.
LOOKED_AT = 3


@dataclass
class RuleCount:
    """Counts of one rule.

    Args:
        documents: Documents that it changed or dropped.
        dropped: Documents that it dropped or emptied.
        lines, characters: Lines and characters that it removed, with those of dropped documents;
            negative if it added some.
        samples: `[order, before, after]` of some changes; for a near duplicate, the text and its
            twin. The order is a hash of the change.
    """

    documents: int = 0
    dropped: int = 0
    lines: int = 0
    characters: int = 0
    samples: list[list[str]] = field(default_factory=list)

    def add(self, other: "RuleCount") -> None:
        """Add the counts of the same rule elsewhere; the first samples in order stay."""
        self.documents += other.documents
        self.dropped += other.dropped
        self.lines += other.lines
        self.characters += other.characters
        self.sample((before, after) for _, before, after in other.samples)

    def sample(self, changes: Iterable[tuple[str, str]]) -> None:
        """Add changes to the sample, of which the first ones in order stay."""
        known = {tuple(row) for row in self.samples}
        known |= {(_order(*pair), *pair) for pair in changes}
        self.samples = [list(row) for row in sorted(known)[:SAMPLES]]


class Tally:
    """Counts of all rules.

    Args:
        names: Names of the rules, in their order.
    """

    def __init__(self, names: Iterable[str]):
        self.rules = {name: RuleCount() for name in names}

    def changed(
        self,
        name: str,
        before: list[str],
        after: list[str],
        hide: bool = False,
        again: int = 0,
    ) -> None:
        """Count documents that a rule has changed; an empty one is dropped.

        Args:
            name: Name of the rule.
            before, after: The documents.
            hide: Whether the sample shows 0 and a in place of digits and Latin letters.
            again: Number of these documents that were counted for the rule before.
        """
        touched = list(map(ne, before, after))
        was, now = _count(before), _count(after)
        pairs = zip(compress(before, touched), compress(after, touched), strict=True)
        some = [pair for pair, _ in zip(pairs, range(LOOKED_AT), strict=False)]
        self.rules[name].add(
            RuleCount(
                documents=sum(touched) - again,
                dropped=was["documents"] - now["documents"],
                lines=was["lines"] - now["lines"],
                characters=was["characters"] - now["characters"],
            )
        )
        shown = (change(*pair) for pair in some)
        if hide:
            shown = ((_hidden(one), _hidden(other)) for one, other in shown)
        self.rules[name].sample(shown)

    def dropped(self, name: str, documents: list[str]) -> None:
        """Count documents that a rule has dropped."""
        if documents:
            self.changed(name, documents, [""] * len(documents))

    def dropped_for(self, name: str, documents: list[str], twins: list[str]) -> None:
        """Count documents that were dropped for others; `twins` holds some of these."""
        gone = _count(documents)
        count = gone["documents"]
        self.rules[name].add(RuleCount(count, count, gone["lines"], gone["characters"]))
        pairs = zip(documents, twins, strict=False)
        self.rules[name].sample((excerpt(one), excerpt(other)) for one, other in pairs)

    def add(self, other: "Tally") -> None:
        """Add the counts of the same rules elsewhere."""
        for name, count in other.rules.items():
            self.rules.setdefault(name, RuleCount()).add(count)

    def to_json(self) -> dict[str, Any]:
        """Return the counts as plain values."""
        return {name: asdict(count) for name, count in self.rules.items()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Tally":
        """Return the tally of which `to_json` made the value."""
        tally = cls([])
        tally.rules = {name: RuleCount(**count) for name, count in value.items()}
        return tally


def measure(documents: list[str]) -> Counter:
    """Count documents, lines, characters and bytes; an empty document does not count.

    Example:
        >>> measure(["봄\\n꽃", ""])
        Counter({'bytes': 7, 'characters': 3, 'lines': 2, 'documents': 1})
    """
    return Counter(_count(documents), bytes=len("".join(documents).encode()))


def _count(documents: list[str]) -> dict[str, int]:
    text = "".join(documents)  # once, and not each by itself: there may be thousands
    count = len(documents) - documents.count("")
    return {"documents": count, "lines": text.count("\n") + count, "characters": len(text)}


def _hidden(text: str) -> str:
    return re.sub("[A-Za-z]", "a", re.sub(r"\d", "0", text))


def _order(before: str, after: str) -> str:
    return hashlib.blake2b(f"{before}\t{after}".encode(), digest_size=6).hexdigest()
