"""Strings as a vocabulary sees them: composed, nothing invisible in them, lower-cased if asked."""

import re
import unicodedata

import numpy as np
import tensorflow as tf

from kortf.text import code_points

# A word longer than this is unknown, as in every WordPiece vocabulary.
MAX_WORD_CHARS = 100
# Stands for an unknown character; no text holds it, since private use characters are removed.
UNKNOWN_CHAR = 0xE000

_USUAL_WORD = f"[{code_points.USUAL_IN_WORD}]{{0,{MAX_WORD_CHARS}}}"
_USUAL_BETWEEN = f"[{code_points.USUAL_BETWEEN}{code_points.USUAL_SPACES}]"
USUAL_WORDS = f"(?:{_USUAL_WORD}{_USUAL_BETWEEN}+)*{_USUAL_WORD}"
USUAL_TEXT = f"[{code_points.USUAL_IN_WORD}{code_points.USUAL_BETWEEN}]*"


def normalize(text: str, lowercase: bool) -> str:
    """Normalises one string; `normalize_unusual` is the same in the graph.

    Composes (NFC), removes control, format and private use characters, makes every white space a
    plain space and lower-cases character by character. Accents stay.

    Example:
        >>> normalize("각\\u200b하\\tΣİ", lowercase=True)
        '각하 σi̇'
    """
    text = _PYTHON_REMOVED.sub("", unicodedata.normalize("NFC", text))
    text = _PYTHON_SPACES.sub(" ", text)
    return text.replace("Σ", "σ").lower().translate(_CAPITALS) if lowercase else text


def normalize_unusual(strings: tf.Tensor, lowercase: bool) -> tf.Tensor:
    """Normalises any strings, in the graph.

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
        strings = replace_code_points(strings, _CAPITALS)
    return strings


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
    outside = tf.equal(marked, ord(" ")) & (new < _FIRST_STAND_IN)
    row = tf.cast(points.value_rowids(), tf.int64)
    word = tf.cumsum(tf.cast(outside, tf.int64)) + row
    length = tf.math.unsorted_segment_sum(
        tf.cast(~outside, tf.int32), word, tf.reduce_max(tf.concat([[0], word + 1], 0))
    )
    too_long = (tf.gather(length, word) > MAX_WORD_CHARS) & ~outside
    points = points.with_flat_values(tf.where(too_long, UNKNOWN_CHAR, new))
    return tf.strings.unicode_encode(points, "UTF-8")


def replace_code_points(strings: tf.Tensor, table: dict[int, int]) -> tf.Tensor:
    """Replaces single code points of strings [n] by others.

    Args:
        strings: tf.string [n], UTF-8.
        table: the new code point of each that is to be replaced.

    Returns:
        tf.string [n].
    """
    points = tf.strings.unicode_decode(strings, "UTF-8")
    points = points.with_flat_values(_replace(points.flat_values, table))
    return tf.strings.unicode_encode(points, "UTF-8")


def _replace(points: tf.Tensor, table: dict[int, int]) -> tf.Tensor:
    old = np.array(sorted(table), dtype=np.int32)
    new = np.array([table[c] for c in sorted(table)], dtype=np.int32)
    place = tf.minimum(tf.searchsorted(old, points), len(old) - 1)
    return tf.where(tf.equal(tf.gather(old, place), points), tf.gather(new, place), points)


def is_reachable(piece: str) -> bool:
    """Whether a normalised word can hold `piece`: no white space, nothing that is removed."""
    return not (_PYTHON_REMOVED.search(piece) or _PYTHON_SPACES.search(piece))


def with_stand_ins(piece: str) -> str:
    """Spells a piece of the vocabulary as `for_wordpiece` spells a text."""
    return piece.translate(_STAND_INS)


def _python_class(pattern: str) -> re.Pattern:
    """Compiles the inside of an RE2 bracket expression for Python."""
    private = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
    spaces = "\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    pattern = re.sub(r"\\x\{(\w+)\}", lambda m: re.escape(chr(int(m[1], 16))), pattern)
    return re.compile(f"[{pattern}]".replace(r"\p{Co}", private).replace(r"\p{Z}", spaces))


_PYTHON_REMOVED = _python_class(code_points.REMOVED)
_PYTHON_SPACES = _python_class(code_points.SPACES)
_CAPITALS = code_points.young_capitals()
_STAND_INS = code_points.stand_ins()
_FIRST_STAND_IN = 0xF0000
