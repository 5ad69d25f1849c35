"""Map places in a normalized string to characters of the string as it was given."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import tensorflow as tf

from kortf.text.unicode import code_points

# Whether each code point is white space, up to one beyond the last that is.
_SPACES = np.zeros(0x3002, bool)
_SPACES[[0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000]] = True
_SPACES[0x09:0x0E] = _SPACES[0x2000:0x200B] = True

_JOINING = f"[{code_points.JOINING}{code_points.JOINING_COMPATIBLE}]"
_REORDERED = f"[{code_points.REORDERED}]"


class Origins(NamedTuple):
    """Normalized strings, and the origin of each of their characters.

    Attributes:
        strings: tf.string [batch].
        starts: int64 [chars], for the characters of all strings in a row: the first character of
            the original string that this one was made of.
        ends: int64 [chars], the character behind the last such character.
    """

    strings: tf.Tensor
    starts: tf.Tensor
    ends: tf.Tensor


def normalize_with_origins(
    strings: tf.Tensor,
    usual: tf.Tensor,
    normalize: Callable[[tf.Tensor], tf.Tensor],
    prepare: Callable[[tf.Tensor], tf.Tensor],
    lowercase: bool,
    runs: str = "",
    decomposes: bool = False,
) -> Origins:
    """Normalize strings and remember the origin of each character.

    Args:
        strings: tf.string [batch].
        usual: bool [batch], which of them need no step but lower-casing of A-Z.
        normalize: Steps of the vocabulary; they never join two characters of which the second may
            begin a text.
        prepare: Step of the engine after that; keeps the number of characters.
        lowercase: Whether to lower-case the usual strings.
        runs: White space of which the steps make one character of several, the inside of an RE2
            bracket expression; "" for none.
        decomposes: Whether the steps take characters apart (NFD, NFKD) and join none.

    Example:
        Of "a\u0301\u200bb" (a, acute accent, zero-width space, b) remains "áb"; its characters
        start at [0, 3] and end at [2, 4].
    """
    some = tf.where(~usual)
    rest, rest_starts, rest_ends = _normalize_parts(
        tf.gather_nd(strings, some), normalize, runs, _REORDERED if decomposes else _JOINING
    )
    ready = tf.strings.lower(strings) if lowercase else strings
    ready = tf.tensor_scatter_nd_update(ready, some, prepare(rest))

    length = tf.strings.length(ready, "UTF8_CHAR")
    row = tf.repeat(tf.range(tf.size(length)), length)
    position = tf.range(tf.size(row)) - tf.gather(tf.cumsum(length, exclusive=True), row)
    position = tf.cast(position, tf.int64)
    chars = tf.where(~tf.gather(usual, row))
    starts = tf.tensor_scatter_nd_update(position, chars, rest_starts)
    ends = tf.tensor_scatter_nd_update(position + 1, chars, rest_ends)
    return Origins(ready, starts, ends)


def _normalize_parts(
    strings: tf.Tensor, normalize: Callable, runs: str, joining: str
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return normalized strings [n], and starts and ends of their characters, int64 [chars].

    Text is cut where nothing can combine across the cut; each part is normalized alone. A part
    that keeps its number of characters is mapped one to one; in any other part every character
    comes from the whole.
    """
    chars = tf.strings.unicode_split(strings, "UTF-8", errors="replace")  # [n, None]
    rows = chars.value_rowids()
    position = tf.range(tf.size(rows, tf.int64)) - tf.gather(chars.row_starts(), rows)
    flat = chars.flat_values
    joins = tf.strings.regex_full_match(flat, joining)
    # Two quotes may become one.
    quotes = tf.strings.regex_full_match(flat, "[`']")
    joins |= quotes & tf.concat([[False], tf.equal(flat[1:], flat[:-1])], axis=0)[: tf.size(flat)]
    if runs:  # several white-space characters become one, with which nothing combines
        space = tf.strings.regex_full_match(flat, f"[{runs}]")
        behind = tf.concat([[False], space[:-1]], axis=0)[: tf.size(flat)]
        joins = (joins & ~behind) | (space & behind)
    begins = ~(joins & (position > 0))
    part_of_char = tf.cumsum(tf.cast(begins, tf.int64)) - 1
    part_first = tf.boolean_mask(position, begins)
    part_row = tf.boolean_mask(rows, begins)
    part_size = tf.math.segment_sum(tf.ones_like(part_of_char), part_of_char)
    parts = _join(chars.flat_values, part_of_char, tf.size(part_first))
    parts = normalize(parts)

    count = tf.strings.length(parts, "UTF8_CHAR")
    part = tf.repeat(tf.range(tf.size(count)), count)  # the part of every remaining character
    within = tf.range(tf.size(part)) - tf.gather(tf.cumsum(count, exclusive=True), part)
    first, size = tf.gather(part_first, part), tf.gather(part_size, part)
    same = tf.equal(tf.cast(tf.gather(count, part), tf.int64), size)
    starts = tf.where(same, first + tf.cast(within, tf.int64), first)
    ends = tf.where(same, starts + 1, first + size)
    return _join(parts, part_row, tf.size(strings)), starts, ends


def to_origin(
    origins: Origins, starts: tf.RaggedTensor, ends: tf.RaggedTensor
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Turn byte offsets in normalized strings into character offsets in the original ones.

    Args:
        origins: Result of `normalize_with_origins`.
        starts: Ragged [batch, None], bytes.
        ends: Ragged [batch, None], bytes, exclusive.

    Returns:
        starts, ends: RaggedTensors int32 [batch, None], characters; white space at either end of a
        piece is left out.
    """
    points, byte_of_char = tf.strings.unicode_decode_with_offsets(origins.strings, "UTF-8")
    # One axis for the whole batch: the bytes of all strings behind each other.
    base = tf.cumsum(tf.cast(tf.strings.length(origins.strings), tf.int64), exclusive=True)
    byte_of_char = byte_of_char.flat_values + tf.gather(base, points.value_rowids())
    row_base = tf.gather(base, starts.value_rowids())
    first = _place(byte_of_char, tf.cast(starts.flat_values, tf.int64) + row_base)
    last = _place(byte_of_char, tf.cast(ends.flat_values, tf.int64) + row_base - 1)

    is_solid = ~_is_space(points.flat_values)
    solid = tf.where(is_solid)[:, 0]
    beyond = tf.concat([[-1], solid, [tf.size(points.flat_values, tf.int64)]], 0)
    # Number of solid characters before each one, and in all: [chars + 1].
    counts = tf.concat([[0], tf.cumsum(tf.cast(is_solid, tf.int32))], 0)
    solid_first = tf.gather(beyond, tf.gather(counts, first) + 1)
    solid_last = tf.gather(beyond, tf.gather(counts, last + 1))
    empty = solid_first > solid_last
    start = tf.gather(origins.starts, tf.where(empty, first, solid_first))
    end = tf.where(empty, start, tf.gather(origins.ends, tf.where(empty, first, solid_last)))
    return (
        starts.with_flat_values(tf.cast(start, tf.int32)),
        starts.with_flat_values(tf.cast(end, tf.int32)),
    )


def before_removal(
    strings: tf.Tensor, pattern: str, starts: tf.RaggedTensor, ends: tf.RaggedTensor
) -> tuple[tf.RaggedTensor, tf.RaggedTensor]:
    """Turn character offsets in strings with characters removed into offsets in the originals.

    Args:
        strings: tf.string [batch], the original strings.
        pattern: RE2 pattern of one removed character.
        starts: Ragged int32 [batch, None].
        ends: Ragged int32 [batch, None], exclusive.

    Example:
        Of "a😀bc" without the emoji, the piece "abc" from 0 to 3 is at 0 to 4, and "bc" from 1 to
        3 is at 2 to 4.
    """
    chars = tf.strings.unicode_split(strings, "UTF-8", errors="replace")  # [batch, None]
    stays = ~tf.strings.regex_full_match(chars.flat_values, pattern)
    position = tf.ragged.range(chars.row_lengths())
    kept = tf.ragged.boolean_mask(position, chars.with_flat_values(stays))
    # One more, since an empty piece may follow the last character.
    flat = tf.cast(tf.concat([kept.flat_values, [0]], 0), tf.int32)
    base = tf.cast(tf.gather(kept.row_starts(), starts.value_rowids()), tf.int32)
    start = tf.gather(flat, base + starts.flat_values)
    last = tf.gather(flat, tf.maximum(base + ends.flat_values - 1, 0))
    empty = tf.equal(starts.flat_values, ends.flat_values)
    return (
        starts.with_flat_values(start),
        starts.with_flat_values(tf.where(empty, start, last + 1)),
    )


def _is_space(points: tf.Tensor) -> tf.Tensor:
    """Return which code points are white space; normalizing may leave others than the space."""
    return tf.gather(_SPACES, tf.minimum(points, len(_SPACES) - 1))


def _place(byte_of_char: tf.Tensor, byte: tf.Tensor) -> tf.Tensor:
    """Return the character that holds each byte; both int64, `byte_of_char` sorted."""
    return tf.searchsorted(byte_of_char, byte, side="right", out_type=tf.int64) - 1


def _join(strings: tf.Tensor, group: tf.Tensor, groups: tf.Tensor) -> tf.Tensor:
    """Join the strings of each group, in order: [n] to [groups]."""
    return tf.strings.unsorted_segment_join(strings, group, groups)
