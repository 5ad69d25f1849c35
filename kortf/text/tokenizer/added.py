"""Cut the added tokens of a vocabulary out of strings, in the graph."""

import functools
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import tensorflow as tf

from kortf.errors import InputError
from kortf.text.unicode import code_points
from kortf.text.vocabulary.added_tokens import AddedToken

# No UTF-8 text has this byte.
_MARK = b"\xff"
_SPACE = f"[{code_points.WHITE_SPACE}]"
_WORD = r"[\p{L}\p{M}\p{N}\p{Pc}\x{200c}\x{200d}]"


class Parts(NamedTuple):
    """Strings in parts: text, and added tokens.

    Attributes:
        texts: tf.string [parts]; "" where a part is a token.
        ids: int32 [parts], the id of the token; -1 where a part is text.
        rows: int32 [parts], the string of each part, ascending.
        strings: tf.string [parts], the part as it is in its string.
    """

    texts: tf.Tensor
    ids: tf.Tensor
    rows: tf.Tensor
    strings: tf.Tensor


class AddedTokenCutter(tf.Module):
    """Cuts added tokens out of strings: the leftmost first, of those the longest.

    The flags of a token are kept: `single_word`, `lstrip` and `rstrip`. Two tokens of one spelling
    are refused: which one tokenizers finds does not follow from their order.

    Args:
        tokens: Added tokens, at least one.
        spell: Called with the contents; returns them as the strings spell them.
        composed: Whether the strings are normalized as the contents are. If not, a token is found
            only where it stands in their NFC form.
        apart: Letters that are words of their own for `single_word`, the inside of an RE2 bracket
            expression; "" for none.

    Example:
        With `국민청원` as token 10, "국민청원이" is cut into the token and "이".
    """

    def __init__(
        self,
        tokens: Sequence[AddedToken],
        spell: Callable[[list[str]], list[str]] = list,
        composed: bool = True,
        apart: str = "",
    ):
        super().__init__(name="added_tokens")
        contents = spell([token.content for token in tokens])
        kept: dict[str, AddedToken] = {}
        for content, token in zip(contents, tokens, strict=True):
            other = kept.setdefault(content, token) if content else token
            if other is not token:
                problem = f"'{other.content}' and '{token.content}' are one text once normalized"
                raise InputError("added tokens", problem, "take another tokenizer")
        for content, token in [] if composed else list(kept.items()):
            kept.setdefault(unicodedata.normalize("NFD", content), token)
        longest = sorted(kept, key=len, reverse=True)
        self.is_empty = not longest
        self._contents = longest
        self._ids = [kept[content].id for content in longest]
        self._single = [kept[content].single_word for content in longest]
        self._joins = ["" if composed else _joins(content) for content in longest]
        self._apart = apart
        self._pattern = "|".join(_pattern(content, kept[content]) for content in longest)

    def cut(self, strings: tf.Tensor) -> Parts:
        """Cut strings [batch] of valid UTF-8 into parts, none of which is an empty text."""
        marked = tf.strings.regex_replace(strings, f"({self._pattern})", _MARK + rb"\1" + _MARK)
        parts = tf.strings.split(marked, _MARK)  # text, token, text, … of each string
        flat, rows = parts.flat_values, tf.cast(parts.value_rowids(), tf.int32)
        place = tf.range(tf.size(flat)) - tf.cast(tf.gather(parts.row_starts(), rows), tf.int32)
        is_token = tf.equal(place % 2, 1)
        solid = tf.strings.length(flat) > 0
        flat, rows = tf.boolean_mask(flat, solid), tf.boolean_mask(rows, solid)
        which = self._which(flat, tf.boolean_mask(is_token, solid))
        if any(self._joins):
            flat, rows, which = self._without_composed(flat, rows, which)
        if any(self._single):
            flat, rows, which = self._without_inside_words(flat, rows, which)
        is_token = which >= 0
        ids = tf.gather(tf.constant(self._ids), tf.maximum(which, 0))
        return Parts(tf.where(is_token, "", flat), tf.where(is_token, ids, -1), rows, flat)

    def _which(self, flat: tf.Tensor, is_token: tf.Tensor) -> tf.Tensor:
        """Return the number of the token that each part is, int32 [parts]; -1 for text."""
        where = tf.where(is_token)
        found = tf.gather_nd(flat, where)
        found = tf.strings.regex_replace(found, f"^{_SPACE}+|{_SPACE}+$", "")
        contents = tf.strings.regex_replace(self._contents, f"^{_SPACE}+|{_SPACE}+$", "")
        same = tf.equal(found[:, None], contents[None, :])  # [tokens found, tokens]
        number = tf.argmax(same, axis=1, output_type=tf.int32)
        return tf.tensor_scatter_nd_update(tf.fill(tf.shape(flat), -1), where, number)

    def _without_composed(self, flat, rows, which):
        """Join tokens whose last character is another one in the composed string."""
        same = tf.concat([tf.equal(rows[1:], rows[:-1]), [False]], axis=0)[: tf.size(rows)]
        joins = sorted(set(self._joins) - {""})
        begins = [tf.strings.regex_full_match(flat, f"(?s){join}.*") for join in joins]
        begins = tf.stack([*begins, tf.zeros_like(same)], axis=1)  # [parts, joins + 1]
        numbers = [joins.index(join) if join else len(joins) for join in self._joins]
        join = tf.gather(tf.constant(numbers), tf.maximum(which, 0))
        behind = tf.gather(tf.roll(begins, -1, axis=0), join, batch_dims=1)
        return _joined(flat, rows, tf.where((which >= 0) & same & behind, -1, which))

    def _without_inside_words(self, flat, rows, which):
        """Join `single_word` tokens that stand inside a word with the text around them."""
        same = tf.concat([[False], tf.equal(rows[1:], rows[:-1])], axis=0)[: tf.size(rows)]
        ends = tf.strings.regex_full_match(flat, f"(?s).*{_WORD}")
        begins = tf.strings.regex_full_match(flat, f"(?s){_WORD}.*")
        if self._apart:
            ends &= ~tf.strings.regex_full_match(flat, f"(?s).*[{self._apart}]")
            begins &= ~tf.strings.regex_full_match(flat, f"(?s)[{self._apart}].*")
        # White space that a token takes with it separates it from a word.
        apart = tf.strings.regex_full_match(flat, f"(?s){_SPACE}.*")
        before = same & tf.roll(ends, 1, axis=0) & ~apart
        apart = tf.strings.regex_full_match(flat, f"(?s).*{_SPACE}")
        behind = tf.roll(same & begins, -1, axis=0) & ~apart
        single = tf.gather(tf.constant(self._single), tf.maximum(which, 0)) & (which >= 0)
        return _joined(flat, rows, tf.where(single & (before | behind), -1, which))


def _joined(flat, rows, which):
    """Join the texts of a string that have no token between them."""
    same = tf.concat([[False], tf.equal(rows[1:], rows[:-1])], axis=0)[: tf.size(rows)]
    text = which < 0
    joins = same & text & tf.roll(text, 1, axis=0)
    group = tf.cumsum(tf.cast(~joins, tf.int32)) - 1
    groups = tf.reduce_sum(tf.cast(~joins, tf.int32))
    joined = tf.strings.unsorted_segment_join(flat, group, groups)
    return joined, tf.boolean_mask(rows, ~joins), tf.boolean_mask(which, ~joins)


def _joins(content: str) -> str:
    """Return the RE2 pattern of what composes with the last character of a text; "" for nothing."""
    last = unicodedata.normalize("NFC", content)[-1:]
    if "가" <= last <= "힣":
        return "" if (ord(last) - ord("가")) % 28 else r"[\x{11a8}-\x{11c2}]"
    if "\u1100" <= last <= "\u1112":
        return r"[\x{1161}-\x{1175}]"
    marks = "".join(rf"\x{{{ord(mark):x}}}" for mark in _compositions().get(last, ""))
    return rf"\p{{M}}*[{marks}]" if marks else ""


@functools.cache
def _compositions() -> Mapping[str, str]:
    """Return the marks that compose with each character, Hangul left out."""
    found: dict[str, str] = {}
    for point in range(0xC0, 0x20000):
        parts = unicodedata.decomposition(chr(point)).split()
        canonical = len(parts) == 2 and parts[0][0] != "<"
        if canonical and unicodedata.normalize("NFC", chr(point)) == chr(point):
            first, mark = (chr(int(part, 16)) for part in parts)
            found[first] = found.get(first, "") + mark
    return MappingProxyType(found)


def _pattern(content: str, token: AddedToken) -> str:
    before = f"{_SPACE}*" if token.lstrip else ""
    behind = f"{_SPACE}*" if token.rstrip else ""
    return f"{before}{_escape(content)}{behind}"


def _escape(text: str) -> str:
    """Spell a text as an RE2 pattern."""
    return "".join(c if c.isalnum() else rf"\x{{{ord(c):x}}}" for c in text)


def merge(pieces: tf.RaggedTensor, parts: Parts, tokens: tf.Tensor, batch: tf.Tensor):
    """Put the pieces of texts and the tokens between them into one row a string.

    Args:
        pieces: Ragged [parts, None], values of the pieces of `parts.texts`.
        parts: Parts of the strings.
        tokens: Value of each part that is a token, [parts].
        batch: Number of strings.

    Returns:
        Ragged [batch, None].
    """
    is_token = parts.ids >= 0
    pieces = pieces.with_row_splits_dtype(tf.int64)
    single = tf.RaggedTensor.from_row_lengths(
        tf.boolean_mask(tf.cast(tokens, pieces.dtype), is_token), tf.cast(is_token, tf.int64)
    )
    both = tf.concat([pieces, single], axis=1)  # one of the two is empty
    lengths = tf.math.unsorted_segment_sum(both.row_lengths(), parts.rows, batch)
    return tf.RaggedTensor.from_row_lengths(both.flat_values, lengths, validate=False)
