"""Normalize strings in the graph, as `normalize` does in Python."""

import functools
import sys
import unicodedata

import numpy as np
import tensorflow as tf

from kortf.text.unicode import code_points
from kortf.text.unicode.normalize import MAX_WORD_CHARS, Normalization

# Stand-in for an unknown character; no text holds it, since private use characters are removed.
UNKNOWN_CHAR = 0xE000
_QUOTES = "``|''"
_NUL = 0x10FFFF  # replaces NUL; a noncharacter of Unicode


def usual_words(max_word_chars: int = MAX_WORD_CHARS) -> str:
    """Return the RE2 pattern of strings that need no step but lower-casing of A-Z.

    No word in them is longer than `max_word_chars`, since WordPiece makes a longer one unknown.
    """
    word = f"[{code_points.USUAL_IN_WORD}]{{0,{max_word_chars}}}"
    between = f"[{code_points.USUAL_BETWEEN}{code_points.USUAL_SPACES}]"
    return f"(?:{word}{between}+)*{word}"


USUAL_TEXT = f"[{code_points.USUAL_IN_WORD}{code_points.USUAL_BETWEEN}]*"
# The same without white space that `Normalization.runs` changes.
USUAL_RUNS = f"(?: ?[{code_points.USUAL_IN_WORD}{code_points.USUAL_SYMBOLS}])*"
# The same for a normalization that takes characters apart or replaces quotes.
USUAL_ASCII = "[ !#-&(-_a-~]*"


def normalize(strings: tf.Tensor, steps: Normalization) -> tf.Tensor:
    """Normalize any strings, or parts of strings whose end `trim` has treated.

    Args:
        strings: tf.string, any shape. Bytes that are not UTF-8 are removed where the steps clean;
            otherwise they become U+FFFD.
        steps: Steps to take.

    Returns:
        tf.string of the same shape.
    """
    strings = tf.strings.unicode_transcode(strings, "UTF-8", "UTF-8", errors="replace")
    if steps.quotes:
        strings = tf.strings.regex_replace(strings, _QUOTES, '"')
    if steps.lowercase and steps.lowers_first:
        strings = _lower(strings)
    if steps.form == "NFC":
        strings = _to_form(strings, "NFC")
    if steps.cleans:
        strings = tf.strings.regex_replace(strings, f"[{code_points.REMOVED}]", "")
        strings = tf.strings.regex_replace(strings, f"[{code_points.SPACES}]", " ")
    if steps.form not in ("", "NFC"):
        strings = _to_form(strings, steps.form)
    if steps.strips:
        points = tf.strings.unicode_decode(strings, "UTF-8")
        table = tf.constant(_marks(steps.strips))
        marks = tf.gather(table, tf.minimum(points.flat_values, len(_marks(steps.strips)) - 1))
        points = tf.ragged.boolean_mask(points, points.with_flat_values(~marks))
        strings = tf.strings.unicode_encode(points, "UTF-8")
    if steps.lowercase and not steps.lowers_first:
        strings = _lower(strings)
    if steps.spaces:
        strings = tf.strings.regex_replace(strings, f"[{steps.single_spaces}]", " ")
    if steps.runs:
        runs = f"[{steps.white_space}]{{2,}}|[\n\r\t]"
        strings = tf.strings.regex_replace(strings, runs, " ")
    return strings


def trim(strings: tf.Tensor, steps: Normalization) -> tf.Tensor:
    """Remove what the steps remove at the end of a whole string, before `normalize`.

    No offset in the rest changes.
    """
    if not steps.runs:
        return strings
    return tf.strings.regex_replace(strings, f"[{steps.white_space}]+$", "")


def _lower(strings: tf.Tensor) -> tf.Tensor:
    # ICU makes a sigma at the end of a word ς; character by character it is σ.
    strings = tf.strings.regex_replace(strings, "Σ", "σ")
    # It takes a NUL for the end of a string.
    flat = tf.reshape(strings, [-1])
    held = tf.strings.regex_full_match(flat, r"(?s).*\x00.*")
    flat = tf.strings.regex_replace(flat, r"\x00", chr(_NUL))
    flat = tf.strings.lower(flat, encoding="utf-8")
    points = tf.strings.unicode_decode(flat, "UTF-8")
    is_nul = tf.gather(held, points.value_rowids()) & tf.equal(points.flat_values, _NUL)
    lowered = _replace(points.flat_values, _CAPITALS)
    points = points.with_flat_values(tf.where(is_nul, 0, lowered))
    return tf.reshape(tf.strings.unicode_encode(points, "UTF-8"), tf.shape(strings))


def _to_form(strings: tf.Tensor, form: str) -> tf.Tensor:
    import tensorflow_text as tf_text

    return tf_text.normalize_utf8(strings, form)


@functools.cache
def _marks(kind: str) -> np.ndarray:
    """Return which code points are stripped as marks, bool [last mark + 2].

    The classes are those of the installed `tokenizers`, whose ids are the reference: its Unicode
    version differs from Python's and from RE2's.
    """
    from tokenizers import normalizers

    if kind == "combining":
        found = code_points.combining()
    else:
        strip = normalizers.StripAccents()
        if kind == "Mn":
            strip = normalizers.BertNormalizer(False, False, True, False)
        # U+111C9 is a mark only since Unicode 11, and U+16D6x are too young for Python.
        points = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c))[0] == "M"]
        found = [c for c in points if strip.normalize_str(chr(c)) == ""]
    table = np.zeros(found[-1] + 2, bool)
    table[found] = True
    return table


def remove(strings: tf.Tensor, pattern: str) -> tf.Tensor:
    """Remove characters from any strings, before they are normalized.

    Args:
        strings: tf.string [batch]. In a string with something to remove, bytes that are not UTF-8
            become U+FFFD.
        pattern: RE2 bracket expression: `[…]`.

    Returns:
        tf.string [batch].
    """
    # Few strings hold any; to test is several times faster than to transcode all of them.
    some = tf.where(~tf.strings.regex_full_match(strings, f"[^{pattern[1:]}*"))
    found = tf.gather_nd(strings, some)
    found = tf.strings.unicode_transcode(found, "UTF-8", "UTF-8", errors="replace")
    return tf.tensor_scatter_nd_update(strings, some, tf.strings.regex_replace(found, pattern, ""))


def for_wordpiece(strings: tf.Tensor, max_word_chars: int = MAX_WORD_CHARS) -> tf.Tensor:
    """Make TensorFlow cut normalized strings into the words of `tokenizers`.

    Characters that only one of the two splits off are replaced (see `code_points`), and a word of
    too many characters is made unknown. The number of characters stays.

    Args:
        strings: tf.string [batch], normalized.
        max_word_chars: Longest word that is cut into pieces.

    Returns:
        tf.string [batch].
    """
    points = tf.strings.unicode_decode(strings, "UTF-8")
    new = _replace(points.flat_values, _STAND_INS)
    # Replace each character that is a separate word by a space, so that spaces delimit words.
    marked = tf.strings.regex_replace(strings, f"[{code_points.SINGLE}]", " ")
    marked = tf.strings.unicode_decode(marked, "UTF-8").flat_values
    outside = tf.equal(marked, ord(" ")) & (new < code_points.FIRST_STAND_IN)
    row = tf.cast(points.value_rowids(), tf.int64)
    word = tf.cumsum(tf.cast(outside, tf.int64)) + row
    length = tf.math.unsorted_segment_sum(
        tf.cast(~outside, tf.int32), word, tf.reduce_max(tf.concat([[0], word + 1], 0))
    )
    too_long = (tf.gather(length, word) > max_word_chars) & ~outside
    points = points.with_flat_values(tf.where(too_long, UNKNOWN_CHAR, new))
    return tf.strings.unicode_encode(points, "UTF-8")


def _replace(points: tf.Tensor, table: dict[int, int]) -> tf.Tensor:
    """Replace the code points that are keys of `table`: int32 [n] to int32 [n]."""
    old = np.array(sorted(table), dtype=np.int32)
    new = np.array([table[c] for c in sorted(table)], dtype=np.int32)
    place = tf.minimum(tf.searchsorted(old, points), len(old) - 1)
    return tf.where(tf.equal(tf.gather(old, place), points), tf.gather(new, place), points)


_CAPITALS = code_points.young_capitals()
_STAND_INS = code_points.stand_ins()
