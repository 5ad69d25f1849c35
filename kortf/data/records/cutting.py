"""Cut documents that are too long for a sequence."""

from bisect import bisect_right

import numpy as np

from kortf.data.records.token_block import TokenBlock
from kortf.text.vocabulary.vocabulary import Vocabulary

_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")


class Cutter:
    """Cut at a sentence end if possible, else before an eojeol, else anywhere.

    Args:
        starts_word: Whether a piece begins an eojeol, bool `[vocabulary]`.
        ends_sentence: Whether a piece ends in a full stop or the like, bool `[vocabulary]`.
    """

    def __init__(self, starts_word: np.ndarray, ends_sentence: np.ndarray):
        self._starts_word = starts_word
        self._ends_sentence = ends_sentence

    @classmethod
    def for_vocabulary(cls, vocabulary: Vocabulary) -> "Cutter":
        """Return a cutter for the pieces of `vocabulary`."""
        ends = [piece.endswith(_SENTENCE_ENDS) for piece in vocabulary.pieces]
        return cls(vocabulary.starts_word, np.array(ends, dtype=bool))

    def cut(
        self, block: TokenBlock, starts: np.ndarray, ends: np.ndarray, most: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Cut spans of tokens into spans of at most `most` tokens.

        A sentence end is taken if it leaves at most a sixteenth of the length unused, an eojeol
        start if it leaves at most half.

        Args:
            block: The tokens.
            starts: Begin of each span in `block.ids`, int64 `[spans]`.
            ends: End of each span, int64 `[spans]`; empty spans are dropped.
            most: Greatest number of tokens, at least 1.

        Returns:
            Starts and ends of the shorter spans, int64 [more spans], in the same order.

        Example: ids `[5, 6, 7, 8]`, where 7 begins an eojeol, 6 and 8 go on:
            span 0…4 with `most=3` -> 0…2 and 2…4
        """
        ids = block.ids
        long = ends - starts > most
        if not long.any():
            kept = ends > starts
            return starts[kept], ends[kept]
        begins_word = self._starts_word[ids]
        begins_sentence = np.zeros(len(ids), dtype=bool)
        begins_sentence[1:] = self._ends_sentence[ids[:-1]] & begins_word[1:]
        begins_sentence[block.sentence_splits[block.sentence_splits < len(ids)]] = True
        choices = [
            (np.flatnonzero(begins_sentence).tolist(), most - most // 16),
            (np.flatnonzero(begins_word).tolist(), most - most // 2),
        ]
        cut_starts, cut_ends = [], []
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            while start < end:
                stop = end if end - start <= most else _best_cut(start, most, choices)
                cut_starts.append(start)
                cut_ends.append(stop)
                start = stop
        return np.array(cut_starts, dtype=np.int64), np.array(cut_ends, dtype=np.int64)


def _best_cut(start: int, most: int, choices: list[tuple[list[int], int]]) -> int:
    """Return the last position in `(start, start + most]` of the best kind near its end."""
    for places, least in choices:
        at = bisect_right(places, start + most) - 1
        if at >= 0 and places[at] >= start + max(least, 1):
            return places[at]
    return start + most
