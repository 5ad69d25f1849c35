"""Classes of characters in byte-level BPE: letters, numbers, white space."""

import functools

import numpy as np

# Beyond the third plane there are none: tags, variation selectors, private use.
LIMIT = 0x40000
OTHER, LETTER, NUMBER, SPACE = range(4)
_CLASSES = {LETTER: r"\p{L}+", NUMBER: r"\p{N}+", SPACE: r"\s+"}


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
