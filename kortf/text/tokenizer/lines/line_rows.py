"""Pack the pieces of lines into rows, by NumPy."""

from collections.abc import Iterator, Sequence

import numpy as np

from kortf.text.tokenizer.lines.line_tokenizer import LineTokenizer
from kortf.text.tokenizer.rows.segments import TRUNCATIONS, check_room
from kortf.text.vocabulary.vocabulary import Vocabulary

Row = tuple[np.ndarray, np.ndarray]  # token and segment ids, int32 [pieces]


class LineRows:
    """Encodes texts, or pairs of texts, as `rows_of_segments` does in the graph.

    Args:
        tokenize: Tokenizer of lines.
        vocabulary: Its vocabulary.
        max_length: Length of the longest row, special tokens included.
        truncation: Segment that is truncated first, as in `pack_segments`.
    """

    def __init__(
        self,
        tokenize: LineTokenizer,
        vocabulary: Vocabulary,
        max_length: int,
        truncation: str = TRUNCATIONS[0],
    ):
        self._tokenize, self._vocabulary = tokenize, vocabulary
        self._max_length, self._truncation = max_length, truncation

    def __call__(self, columns: Sequence[Sequence[str]]) -> list[Row]:
        """Return the rows of texts.

        Args:
            columns: The texts of all rows, one sequence for each segment.

        Example:
            With `[CLS]`, `[SEP]`, `세종` and `##대왕` as 2, 3, 4 and 5, [["세종대왕"], ["세종"]]
            gives the token ids [2, 4, 5, 3, 4, 3] and the segment ids [0, 0, 0, 0, 1, 1].

        Raises:
            ValueError: If `max_length` leaves no room for text.
        """
        layout = self._vocabulary.pair_layout
        check_room(self._max_length, len(columns), layout)
        room = self._max_length - layout.special_tokens(len(columns))
        first = np.array([self._vocabulary.cls_id], np.int32)
        last = np.array([self._vocabulary.sep_id], np.int32)
        between = np.repeat(last, layout.separators)
        rows = []
        for parts in zip(*(self._pieces(column) for column in columns), strict=True):
            kept = _kept([len(part) for part in parts], room, self._truncation)
            parts = [part[:count] for part, count in zip(parts, kept, strict=True)]
            if len(parts) == 1:
                ids = np.concatenate([first, parts[0], last])
                rows.append((ids, np.zeros_like(ids)))
                continue
            ids = np.concatenate([first, parts[0], between, parts[1], last])
            segments = np.zeros_like(ids)
            segments[1 + kept[0] + layout.separators :] = layout.segment
            rows.append((ids, segments))
        return rows

    def _pieces(self, lines: Sequence[str]) -> Iterator[np.ndarray]:
        ids, counts = self._tokenize(lines)
        ends = np.cumsum(counts).tolist()
        return (ids[end - count : end] for end, count in zip(ends, counts.tolist(), strict=True))


def _kept(lengths: list[int], room: int, truncation: str) -> list[int]:
    """Return the number of pieces of each segment that stay."""
    if len(lengths) == 1:
        return [min(lengths[0], room)]
    if truncation == "second_first":
        first = min(lengths[0], room - 1)
        return [first, min(lengths[1], room - first)]
    shorter = min(*lengths, room // 2)
    longer = min(max(lengths), room - shorter)
    return [longer, shorter] if lengths[0] > lengths[1] else [shorter, longer]
