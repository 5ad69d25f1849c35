"""Normalisation in the graph, the same as `normalize`."""

import numpy as np
import tensorflow as tf

from kortf.text.unicode import code_points
from kortf.text.unicode.normalize import MAX_WORD_CHARS

# Stands for an unknown character; no text holds it, since private use characters are removed.
UNKNOWN_CHAR = 0xE000

# RE2 patterns of the strings that need no normalisation but lower-casing of A-Z. Words are counted
# out, since a long one is unknown.
_USUAL_WORD = f"[{code_points.USUAL_IN_WORD}]{{0,{MAX_WORD_CHARS}}}"
_USUAL_BETWEEN = f"[{code_points.USUAL_BETWEEN}{code_points.USUAL_SPACES}]"
USUAL_WORDS = f"(?:{_USUAL_WORD}{_USUAL_BETWEEN}+)*{_USUAL_WORD}"
USUAL_TEXT = f"[{code_points.USUAL_IN_WORD}{code_points.USUAL_BETWEEN}]*"


def normalize(strings: tf.Tensor, lowercase: bool) -> tf.Tensor:
    """Normalises any strings.

    Args:
        strings: tf.string, any shape. What is not UTF-8 in them is removed.
        lowercase: whether to lower-case.

    Returns:
        tf.string of the same shape.
    """
    import tensorflow_text as tf_text

    strings = tf.strings.unicode_transcode(strings, "UTF-8", "UTF-8", errors="replace")
    strings = tf_text.normalize_utf8(strings, "NFC")
    strings = tf.strings.regex_replace(strings, f"[{code_points.REMOVED}]", "")
    strings = tf.strings.regex_replace(strings, f"[{code_points.SPACES}]", " ")
    if lowercase:
        # ICU makes a sigma at the end of a word ς; letter by letter it is always σ.
        strings = tf.strings.regex_replace(strings, "Σ", "σ")
        strings = tf.strings.lower(strings, encoding="utf-8")
        points = tf.strings.unicode_decode(strings, "UTF-8")
        points = points.with_flat_values(_replace(points.flat_values, _CAPITALS))
        strings = tf.strings.unicode_encode(points, "UTF-8")
    return strings


def compose(strings: tf.Tensor, lowercase: bool = False) -> tf.Tensor:
    """Composes any strings (NFC) and changes nothing else in them.

    Args:
        strings: tf.string, any shape. What is not UTF-8 in them becomes U+FFFD.
        lowercase: False.

    Returns:
        tf.string of the same shape.
    """
    import tensorflow_text as tf_text

    del lowercase
    strings = tf.strings.unicode_transcode(strings, "UTF-8", "UTF-8", errors="replace")
    return tf_text.normalize_utf8(strings, "NFC")


def remove(strings: tf.Tensor, pattern: str) -> tf.Tensor:
    """Removes characters from any strings, before they are normalised.

    Args:
        strings: tf.string [batch]. Where there is something to remove, what is not UTF-8 becomes
            U+FFFD.
        pattern: RE2 bracket expression: `[…]`.

    Returns:
        tf.string [batch].
    """
    # Few strings hold any, and to find out is several times faster than to transcode them all.
    some = tf.where(~tf.strings.regex_full_match(strings, f"[^{pattern[1:]}*"))
    found = tf.gather_nd(strings, some)
    found = tf.strings.unicode_transcode(found, "UTF-8", "UTF-8", errors="replace")
    return tf.tensor_scatter_nd_update(strings, some, tf.strings.regex_replace(found, pattern, ""))


def for_wordpiece(strings: tf.Tensor) -> tf.Tensor:
    """Makes TensorFlow cut normalised strings into the words that `tokenizers` cuts them into.

    Characters of which the two think differently are replaced (see `code_points`), and a word of
    more than 100 characters is made unknown. The number of characters stays.

    Args:
        strings: tf.string [batch], normalised.

    Returns:
        tf.string [batch].
    """
    points = tf.strings.unicode_decode(strings, "UTF-8")
    new = _replace(points.flat_values, _STAND_INS)
    # One space for each character that is a word of its own, so that words stand between spaces.
    marked = tf.strings.regex_replace(strings, f"[{code_points.SINGLE}]", " ")
    marked = tf.strings.unicode_decode(marked, "UTF-8").flat_values
    outside = tf.equal(marked, ord(" ")) & (new < code_points.FIRST_STAND_IN)
    row = tf.cast(points.value_rowids(), tf.int64)
    word = tf.cumsum(tf.cast(outside, tf.int64)) + row
    length = tf.math.unsorted_segment_sum(
        tf.cast(~outside, tf.int32), word, tf.reduce_max(tf.concat([[0], word + 1], 0))
    )
    too_long = (tf.gather(length, word) > MAX_WORD_CHARS) & ~outside
    points = points.with_flat_values(tf.where(too_long, UNKNOWN_CHAR, new))
    return tf.strings.unicode_encode(points, "UTF-8")


def _replace(points: tf.Tensor, table: dict[int, int]) -> tf.Tensor:
    """Replaces the code points that are keys of `table`: int32 [n] to int32 [n]."""
    old = np.array(sorted(table), dtype=np.int32)
    new = np.array([table[c] for c in sorted(table)], dtype=np.int32)
    place = tf.minimum(tf.searchsorted(old, points), len(old) - 1)
    return tf.where(tf.equal(tf.gather(old, place), points), tf.gather(new, place), points)


_CAPITALS = code_points.young_capitals()
_STAND_INS = code_points.stand_ins()
