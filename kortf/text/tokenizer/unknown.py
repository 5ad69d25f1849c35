"""Count the pieces of a text that its vocabulary does not know."""

from collections.abc import Sequence

import numpy as np

from kortf.errors import InputError
from kortf.text.vocabulary.vocabulary import Vocabulary

WARN_ABOVE = 0.01
REFUSE_ABOVE = 0.5
_EXAMPLES = 5
_EXAMPLE_CHARS = 40


class UnknownCounter:
    """Share of [UNK] among the pieces of texts, with examples.

    A text that is cut by the wrong vocabulary becomes [UNK] without any error. Each verb that reads
    text counts its pieces, prints `warning` and calls `check`. A counter can be pickled, and
    counters of several processes can be merged.

    Args:
        vocabulary: Vocabulary of the pieces. One of byte-level BPE has no unknown pieces.

    Attributes:
        pieces: Number of pieces counted; padding, [CLS] and [SEP] do not count.
        unknown: Number of [UNK] among them.
        examples: Up to five texts, or words of them, that have an unknown piece.

    Example:
        >>> counter = UnknownCounter(vocabulary)  # 세종 is a piece, 훈민 is not
        >>> counter.add([[10], [10, vocabulary.unk_id]], ["세종", "세종 훈민"])
        >>> counter.pieces, counter.unknown, counter.examples
        (3, 1, ['세종 훈민'])
    """

    def __init__(self, vocabulary: Vocabulary):
        self.pieces = 0
        self.unknown = 0
        self.examples: list[str] = []
        self._unk_id = None if vocabulary.kind == "bpe" else vocabulary.unk_id
        self._outside = sorted(
            {vocabulary.pad_id, vocabulary.cls_id, vocabulary.sep_id} - {vocabulary.unk_id}
        )

    @property
    def share(self) -> float:
        """Share of [UNK] among the pieces, from 0 to 1."""
        return self.unknown / max(self.pieces, 1)

    def add(
        self,
        ids,
        texts: Sequence[str | bytes] | None = None,
        spans: tuple | None = None,
    ) -> None:
        """Count the pieces of texts.

        Args:
            ids: Ids of the pieces: RaggedTensor or array `[batch, …]`, flat array, or list of
                lists.
            texts: Text of each row of `ids`, `[batch]`, from which examples are taken.
            spans: Starts and ends of the pieces in characters, shaped as `ids`; an example is then
                the unknown word instead of the begin of its text.
        """
        flat, row_of = _flatten(ids)
        where = np.flatnonzero(flat == self._unk_id) if self._unk_id is not None else ()
        self.pieces += flat.size - sum(int((flat == i).sum()) for i in self._outside)
        self.unknown += len(where)
        if texts is None or len(self.examples) >= _EXAMPLES:
            return
        starts, ends = (_flatten(each)[0] for each in spans) if spans else (None, None)
        for place in where:
            text = texts[row_of(place)]
            text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
            if spans:
                text = text[int(starts[place]) : int(ends[place])]
            self._add_example(text)
            if len(self.examples) >= _EXAMPLES:
                break

    def merge(self, other: "UnknownCounter") -> None:
        """Add the counts of another counter, as of another process."""
        self.pieces += other.pieces
        self.unknown += other.unknown
        for example in other.examples:
            if len(self.examples) < _EXAMPLES:
                self._add_example(example)

    def report(self) -> dict:
        """Return the counts for a report: `pieces`, `unknown`, `share` and `examples`."""
        return {
            "pieces": self.pieces,
            "unknown": self.unknown,
            "share": round(self.share, 6),
            "examples": self.examples,
        }

    def warning(self) -> str | None:
        """Return one line about the unknown pieces if they are more than 1 %, else None."""
        return self._describe() if self.share > WARN_ABOVE else None

    def check(self, place: str, allow: bool = False) -> None:
        """Refuse texts of which more than half is unknown.

        Args:
            place: File, directory or flag that the texts came from, for the message.
            allow: Whether the user asked to go on all the same.

        Raises:
            InputError: More than half of the pieces are [UNK], and `allow` is false.
        """
        if self.share > REFUSE_ABOVE and not allow:
            cure = "take the vocabulary that belongs to the model and the text, or allow_unknown"
            raise InputError(place, self._describe(), cure)

    def _describe(self) -> str:
        shown = ", ".join(f"'{example}'" for example in self.examples)
        such_as = f", as in {shown}" if shown else ""
        counts = f"{self.unknown:,} of {self.pieces:,} pieces"
        return f"{self.share:.1%} of the text is [UNK] ({counts}){such_as}"

    def _add_example(self, text: str) -> None:
        text = " ".join(text.split())
        if len(text) > _EXAMPLE_CHARS:
            text = text[: _EXAMPLE_CHARS - 1] + "…"
        if text and text not in self.examples:
            self.examples.append(text)


def _flatten(ids):
    """Return the values of rows as one array, and a function from a place in it to its row."""
    if hasattr(ids, "flat_values"):
        splits = np.asarray(ids.row_splits)
        return np.asarray(
            ids.flat_values
        ), lambda place: np.searchsorted(splits, place, "right") - 1
    if isinstance(ids, list | tuple) and ids and isinstance(ids[0], list | tuple | np.ndarray):
        splits = np.cumsum([0, *map(len, ids)])
        flat = np.concatenate([np.asarray(row, np.int64) for row in ids])
        return flat, lambda place: np.searchsorted(splits, place, "right") - 1
    ids = np.asarray(ids)
    columns = ids.shape[-1] if ids.ndim > 1 else 1
    return ids.reshape(-1), lambda place: place // columns
