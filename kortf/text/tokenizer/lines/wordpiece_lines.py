"""WordPiece of many lines at a time, without TensorFlow."""

import functools
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

from kortf.text.tokenizer.lines.piece_trie import PieceTrie
from kortf.text.tokenizer.longest_match import INSIDE
from kortf.text.unicode import code_points, removal, tables
from kortf.text.unicode.normalize import Normalization, normalize
from kortf.text.unicode.removal import Removal
from kortf.text.vocabulary.vocabulary import Vocabulary

# Characters of a batch: each step of the work takes a few microseconds even for little text.
_BATCH_CHARS = 1 << 20
# Up to so many characters those steps take longer than words one at a time.
_FEW_CHARS = 128
_LOWER = {capital: capital + 32 for capital in range(ord("A"), ord("Z") + 1)}
_IN_WORD, _SINGLE, _SPACE, _UNUSUAL = range(4)


class WordPieceLines:
    """Cuts lines into the ids of `Tokenizer`, all words of a batch in step.

    Lines of usual characters (`code_points.USUAL_IN_WORD` and so on) need no normalization but
    lower-casing of A-Z. Others are normalized in Python, and those with a character that this
    Python's Unicode does not know are left to `tokenizers`, whose ids are the reference.

    Args:
        vocabulary: A vocabulary that `is_usable`.
    """

    def __init__(self, vocabulary: Vocabulary):
        self._vocabulary = vocabulary
        self._removal = Removal(vocabulary.remove)
        self._usual = tables.table(
            code_points.USUAL_IN_WORD + code_points.USUAL_BETWEEN + code_points.USUAL_SPACES
        )
        for kind in vocabulary.remove:
            self._usual = self._usual & ~tables.table(removal.KINDS[kind])
        self._kinds = np.full(len(self._usual), _IN_WORD, np.uint8)
        self._kinds[tables.single()] = _SINGLE
        self._kinds[tables.table(code_points.USUAL_SPACES + " ")] = _SPACE
        self._letters = np.zeros(len(self._usual), np.intp)
        self._trie = self._make_trie()

    @staticmethod
    def is_usable(vocabulary: Vocabulary) -> bool:
        """Return whether a vocabulary is WordPiece, with kortf's normalization and added tokens
        in no text."""
        steps = vocabulary.normalization
        usual = steps == Normalization(lowercase=steps.lowercase)
        return vocabulary.kind == "wordpiece" and usual and not vocabulary.cut_tokens

    def _make_trie(self) -> PieceTrie:
        """Number the letters, and gather the pieces that a text can be cut into."""
        pieces, count = [], 1
        for number, piece in enumerate(self._vocabulary.pieces[: self._vocabulary.own_size]):
            inside = piece.startswith(INSIDE) and piece != INSIDE
            points = [ord(char) for char in piece.removeprefix(INSIDE if inside else "")]
            kinds = self._kinds[points]
            single = len(points) == 1 and not inside and kinds[0] == _SINGLE
            if not single and (kinds != _IN_WORD).any():
                continue  # it would reach beyond a word
            for point in points:
                if not self._letters[point]:
                    self._letters[point], count = count, count + 1
            pieces.append((self._letters[points].tolist(), inside, number))
        if self._vocabulary.lowercase:
            capitals = np.arange(ord("A"), ord("Z") + 1)
            self._letters[capitals] = self._letters[capitals + 32]
        return PieceTrie(pieces, count)

    def tokenize(self, lines: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of lines, without special tokens.

        Args:
            lines: Lines of text, without surrogates.

        Returns:
            Ids of all lines in a row, int32 `[pieces]`, and the number of each line's, int64
            `[lines]`.

        Example:
            With `세종` and `##대왕` as 5 and 6, ["세종대왕 세종", "세종"] gives [5, 6, 5, 5] and
            [3, 1].
        """
        if sum(map(len, lines)) <= _FEW_CHARS:
            cut = [self._cut_line(line) for line in lines]
            if None not in cut:
                ids = [number for line in cut for number in line]
                return np.array(ids, np.int32), np.array([len(line) for line in cut], np.int64)
        batches = [self._tokenize(batch) for batch in _batches(lines)]
        ids, lengths = zip((np.zeros(0, np.int32), np.zeros(0, np.int64)), *batches, strict=True)
        return np.concatenate(ids), np.concatenate(lengths)

    def _cut_line(self, line: str) -> list[int] | None:
        """Return the ids of a line, word by word; None if it has unusual characters."""
        if self._vocabulary.lowercase:
            line = line.translate(_LOWER)
        ids, begin = [], 0
        for at, kind in enumerate(map(self._kind_of.__getitem__, map(ord, line))):
            if kind == _IN_WORD:
                continue
            if kind == _UNUSUAL:
                return None
            if at > begin:
                ids += self._cut_word(line[begin:at])
            if kind == _SINGLE:
                ids += self._cut_word(line[at])
            begin = at + 1
        if len(line) > begin:
            ids += self._cut_word(line[begin:])
        return ids

    def _cut_word(self, word: str) -> list[int]:
        unknown = [self._vocabulary.unk_id]
        if len(word) > self._vocabulary.max_word_chars:
            return unknown
        ids, begin, (pieces, inside, longest) = [], 0, self._piece_ids
        while begin < len(word):
            for end in range(min(len(word), begin + longest), begin, -1):
                number = pieces.get(word[begin:end])
                if number is not None:
                    break
            else:
                return unknown
            ids.append(number)
            begin, pieces = end, inside
        return ids

    @functools.cached_property
    def _kind_of(self) -> bytes:
        """Kind of each code point: an item of bytes costs less than one of an array."""
        return np.where(self._usual, self._kinds, _UNUSUAL).astype(np.uint8).tobytes()

    @functools.cached_property
    def _piece_ids(self) -> tuple[dict[str, int], dict[str, int], int]:
        """Ids of the pieces that begin a word, and of those inside one; the longest length."""
        pieces, inside = {}, {}
        for number, piece in enumerate(self._vocabulary.pieces[: self._vocabulary.own_size]):
            if piece.startswith(INSIDE) and piece != INSIDE:
                inside[piece.removeprefix(INSIDE)] = number
            else:
                pieces[piece] = number
        return pieces, inside, max(map(len, (*pieces, *inside)))

    def _tokenize(self, lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
        points, splits = _encode(lines)
        strange: dict[int, list[int]] = {}
        odd = np.flatnonzero(~self._usual[points])
        if len(odd):
            lines = list(lines)
            for row in np.unique(np.searchsorted(splits, odd, "right") - 1).tolist():
                if _is_known(lines[row]):
                    lines[row] = self._normalize(lines[row])
                else:
                    strange[row] = self._twin.encode(lines[row]).ids
                    lines[row] = ""
            points, splits = _encode(lines)
        ids, lengths = self._cut(points, splits)
        for row, numbers in strange.items():
            ids = np.insert(ids, lengths[:row].sum(), numbers)
            lengths[row] = len(numbers)
        return ids, lengths

    def _normalize(self, line: str) -> str:
        return normalize(self._removal.remove(line), self._vocabulary.lowercase)

    @functools.cached_property
    def _twin(self):
        from kortf.text.vocabulary.twin import to_tokenizers

        return to_tokenizers(self._vocabulary, special_tokens=False)

    def _cut(self, points: np.ndarray, splits: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of normalized lines, and the number of each line's.

        Args:
            points: Code points of the lines, of which each ends in white space, `[characters]`.
            splits: First character of each line, and the number of all, `[lines + 1]`.
        """
        kinds = self._kinds[points]
        single, in_word = kinds == _SINGLE, kinds == _IN_WORD
        begins, ends = in_word.copy(), in_word.copy()
        begins[1:] &= ~in_word[:-1]
        ends[:-1] &= ~in_word[1:]
        starts = np.flatnonzero(begins | single)  # [words]
        stops = np.flatnonzero(ends | single) + 1
        ids, counts = self._pieces(self._letters[points], starts, stops)
        first = np.concatenate([[0], np.cumsum(counts)])  # pieces before each word
        return ids, np.diff(first[np.searchsorted(starts, splits)])

    def _pieces(
        self, letters: np.ndarray, starts: np.ndarray, stops: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the ids of words, and the number of each word's; both int `[words]`."""
        known = stops - starts <= self._vocabulary.max_word_chars
        counts = np.zeros(len(starts), np.int64)
        steps = []  # the first piece of each word, the second of those that have one, …
        words = np.flatnonzero(known)
        at = starts[words]
        while len(words):
            ids, lengths = self._trie.longest(letters, at, inside=bool(steps))
            steps.append((words, ids))
            counts[words] += 1
            at = at + lengths
            known[words[ids < 0]] = False
            more = np.flatnonzero((at < stops[words]) & (ids >= 0))
            words, at = words[more], at[more]
        counts[~known] = 1
        first = np.cumsum(counts) - counts
        pieces = np.full(counts.sum(), self._vocabulary.unk_id, np.int32)
        for number, (words, ids) in enumerate(steps):
            whole = np.flatnonzero(known[words])
            pieces[first[words[whole]] + number] = ids[whole]
        return pieces, counts


def _batches(lines: Sequence[str]) -> Iterator[list[str]]:
    batch, chars = [], 0
    for line in lines:
        batch.append(line)
        chars += len(line) + 1
        if chars >= _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
    if batch:
        yield batch


def _encode(lines: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the code points of lines, a line feed behind each, and the first one of each line."""
    text = "\n".join([*lines, ""])
    lengths = np.fromiter(map(len, lines), np.int64, len(lines)) + 1
    points = np.frombuffer(text.encode("utf-32-le"), np.uint32).astype(np.intp)  # to be indices
    return points, np.concatenate([[0], np.cumsum(lengths)])


def _is_known(text: str) -> bool:
    """Return whether this Python's Unicode has all characters of a text."""
    return "Cn" not in map(unicodedata.category, text)
