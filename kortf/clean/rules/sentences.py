"""Breaks lines at the ends of sentences."""

import functools

from kortf.clean.rule import DocumentRule
from kortf.errors import InputError
from kortf.text.sentences import split_sentences

KINDS = ("none", "rules", "kiwi")


class Sentences(DocumentRule):
    """One sentence a line. Nothing but the white space between two sentences changes.

    Args:
        kind: `rules` (`kortf.text.sentences`) or `kiwi` (the morphological analyser Kiwi, which
            also sees ends without a mark; slower by far).

    Raises:
        InputError: Kiwi is asked for and not installed.

    Example:
        >>> Sentences("rules").apply("봄이 왔다. 꽃이 핀다!\\n3.5점.")
        '봄이 왔다.\\n꽃이 핀다!\\n3.5점.'
    """

    name = "sentences"

    def __init__(self, kind: str):
        self._split = _load_kiwi().split if kind == "kiwi" else split_sentences

    def apply(self, document: str) -> str:
        """See `DocumentRule`."""
        return "\n".join(part for line in document.split("\n") for part in self._split(line))


@functools.cache  # its model takes seconds and half a gigabyte
def _load_kiwi() -> "_Kiwi":
    return _Kiwi()


class _Kiwi:
    def __init__(self):
        try:
            from kiwipiepy import Kiwi
        except ImportError as error:
            cure = "pip install 'kortf[kiwi]', or choose rules"
            raise InputError("sentences=kiwi", "kiwipiepy is not installed", cure) from error
        self._kiwi = Kiwi(num_workers=1)  # the work is divided by documents already

    def split(self, line: str) -> list[str]:
        """Parts of the line as they stand there, which Kiwi's own strings are not always."""
        found = self._kiwi.split_into_sents(line)
        starts = [sentence.start for sentence in found[1:]]
        cuts = zip([0, *starts], [*starts, len(line)], strict=True)
        return [part for start, end in cuts if (part := line[start:end].strip())]
