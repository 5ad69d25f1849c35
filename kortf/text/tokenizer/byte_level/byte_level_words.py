"""Cut texts into the words inside of which byte-level BPE merges, in the graph."""

import functools

import numpy as np
import tensorflow as tf

# Beyond the third plane there are none: tags, variation selectors, private use.
LIMIT = 0x40000
OTHER, LETTER, NUMBER, SPACE = range(4)
_CLASSES = {LETTER: r"\p{L}+", NUMBER: r"\p{N}+", SPACE: r"\s+"}
_APOSTROPHE, _BLANK = ord("'"), ord(" ")
# Letters behind an apostrophe in 's 't 'm 'd and in 're 've 'll.
_ONE, _TWO = "stmd", ("re", "ve", "ll")


def word_begins(points: tf.Tensor, rows: tf.Tensor) -> tf.Tensor:
    r"""Return which characters begin a word, as GPT-2 cuts a text into words.

    GPT-2 has a pattern that RE2 cannot express, since it looks ahead:
    `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`. In terms of
    neighbours: a word is a run of letters, of numbers or of other signs, with the space before it.
    White space is one word up to the last character before such a run; that character is a separate
    word unless it is a space. An apostrophe that begins a word forms one with certain letters.

    Example: the words of "  it's 1가" are " ", " it", "'s", " 1" and "가"
        >>> word_begins([32, 32, 105, 116, 39, 115, 32, 49, 0xAC00], [0] * 9)
        [True, True, False, False, True, False, True, False, True]

    Args:
        points: int32 `[chars]`, code points of all texts, concatenated.
        rows: int `[chars]`, the text of each character.

    Returns:
        bool `[chars]`.
    """
    kinds = tf.gather(tf.constant(classes()), tf.minimum(points, LIMIT - 1))
    kinds = tf.cast(kinds, tf.int32)
    same = tf.equal(rows[1:], rows[:-1])
    first = tf.concat([tf.ones_like(rows[:1], tf.bool), ~same], axis=0)
    last = tf.concat([~same, tf.ones_like(rows[:1], tf.bool)], axis=0)
    before = tf.where(first, -1, tf.roll(kinds, 1, axis=0))
    behind = tf.where(last, -1, tf.roll(kinds, -1, axis=0))
    blank_before = ~first & tf.roll(tf.equal(points, _BLANK), 1, axis=0)

    space = tf.equal(kinds, SPACE)
    changes = first | tf.not_equal(kinds, before)
    begins = tf.where(
        space, changes | ((behind >= OTHER) & (behind <= NUMBER)), changes & ~blank_before
    )

    two, three = _contractions(points, rows, begins & tf.equal(points, _APOSTROPHE))
    inside = _moved(two | three, 1)
    ended = (_moved(two, 2) | _moved(three, 3)) & ~space
    return (begins & ~inside) | ended


def _contractions(points, rows, apostrophe) -> tuple[tf.Tensor, tf.Tensor]:
    """Return which apostrophes begin words of two and of three characters."""
    next_, after = (_following(points, rows, by) for by in (1, 2))
    two = tf.reduce_any([tf.equal(next_, ord(c)) for c in _ONE], axis=0)
    three = tf.reduce_any(
        [tf.equal(next_, ord(a)) & tf.equal(after, ord(b)) for a, b in _TWO], axis=0
    )
    return apostrophe & two, apostrophe & three


def _following(points, rows, by: int) -> tf.Tensor:
    """Return the code point `by` characters behind each; 0 beyond the end of the text."""
    there = tf.equal(tf.roll(rows, -by, axis=0), rows)
    at = tf.range(tf.size(rows)) + by
    return tf.where(there & (at < tf.size(rows)), tf.roll(points, -by, axis=0), 0)


def _moved(mask: tf.Tensor, by: int) -> tf.Tensor:
    """Return the mask moved to the right."""
    return tf.concat([tf.zeros([by], tf.bool), mask], axis=0)[: tf.size(mask)]


@functools.cache
def classes() -> np.ndarray:
    """Return the class of each code point below `LIMIT`, uint8.

    The classes are those of the installed `tokenizers`, whose ids are the reference; each version
    of Unicode has more letters.
    """
    import tokenizers
    from tokenizers import pre_tokenizers

    points = np.concatenate([np.arange(0xD800), np.arange(0xE000, LIMIT)])
    text, found = "".join(map(chr, points)), np.zeros(LIMIT, np.uint8)
    for kind, pattern in _CLASSES.items():
        # Removing the inverse leaves the runs of the class.
        split = pre_tokenizers.Split(tokenizers.Regex(pattern), "removed", invert=True)
        for _, (begin, end) in split.pre_tokenize_str(text):
            found[points[begin:end]] = kind
    return found
