"""Tags of HTML, blanked in place: offsets in the text stay what they were."""

import re

import tensorflow as tf

_TAG = re.compile(r"<[A-Za-z/!][^<>]*>")
_OPEN, _CLOSE, _SPACE = ord("<"), ord(">"), ord(" ")


def blank_tags(texts: tf.Tensor) -> tf.Tensor:
    """Replace each character of a tag by a space, in the graph.

    A tag is `<`, then a letter, `/` or `!`, up to the next `>` without another `<` before it. Other
    marks are text: `a < b` stays. Bytes that are not UTF-8 become U+FFFD.

    Example:
        >>> blank_tags(["<b>세종</b> 3 < 4"])[0].numpy().decode()
        '   세종     3 < 4'

    Args:
        texts: tf.string `[batch]`.

    Returns:
        tf.string `[batch]`, each with as many characters as before.
    """
    codes = tf.strings.unicode_decode(texts, "UTF-8", errors="replace")
    flat, rows = codes.flat_values, codes.value_rowids()
    brackets = tf.cast(tf.where((flat == _OPEN) | (flat == _CLOSE))[:, 0], tf.int32)
    code, row = tf.gather(flat, brackets), tf.gather(rows, brackets)
    behind = tf.gather(tf.pad(flat, [[0, 1]]), brackets + 1)
    lower = behind | 32  # of a letter
    named = (
        ((lower >= ord("a")) & (lower <= ord("z"))) | (behind == ord("/")) | (behind == ord("!"))
    )
    closed = (tf.roll(code, -1, 0) == _CLOSE) & (tf.roll(row, -1, 0) == row)
    last = tf.range(tf.size(code)) == tf.size(code) - 1
    opens = (code == _OPEN) & named & closed & ~last
    # Number of the last bracket at or before each character, from 1; 0 is none.
    is_bracket = tf.scatter_nd(brackets[:, None], tf.ones_like(brackets), tf.shape(flat))
    number = tf.cumsum(is_bracket)
    inside = tf.gather(tf.pad(opens, [[1, 0]]), number)
    ends = tf.gather(tf.pad(opens, [[2, 0]]), number) & (is_bracket == 1)
    blanked = tf.where(inside | ends, _SPACE, flat)
    return tf.strings.unicode_encode(codes.with_flat_values(blanked), "UTF-8")


def visible_span(text: str, start: int, stop: int) -> tuple[int, int]:
    """Return a span without the tags and the white space at its ends; empty if nothing is left.

    Example: the tags of `<td> 왕 </td>` go
        >>> visible_span("<tr><td> 왕 </td>", 4, 17)
        (9, 10)
    """
    visible = _TAG.sub(lambda tag: " " * len(tag[0]), text)[start:stop]
    if not visible.strip():
        return start, start
    return start + len(visible) - len(visible.lstrip()), start + len(visible.rstrip())
