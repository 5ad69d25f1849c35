"""Strings as a vocabulary sees them: composed, nothing invisible in them, lower-cased if asked.

The same in the graph: `normalize_graph`.
"""

import re
import string
import unicodedata

from kortf.text.unicode import code_points

# A word longer than this is unknown, as in every WordPiece vocabulary.
MAX_WORD_CHARS = 100


def normalize(text: str, lowercase: bool) -> str:
    """Normalises one string.

    Composes (NFC), removes control, format and private use characters, makes every white space a
    plain space and lower-cases character by character. Accents stay.

    Example:
        >>> normalize("각\\u200b하\\tΣİ", lowercase=True)
        '각하 σi̇'
    """
    text = unicodedata.normalize("NFC", text)
    if _RARE.search(text):
        text = _SPACES.sub(" ", _REMOVED.sub("", text))
        if lowercase:
            # A sigma at the end of a word would become ς; letter by letter it is always σ.
            text = text.replace("Σ", "σ").translate(_CAPITALS)
    return text.lower() if lowercase else text


def is_single(char: str) -> bool:
    """Whether WordPiece makes a character a word of its own: punctuation, Hanja."""
    if char.isascii():
        return char in string.punctuation
    if code_points.is_split_only_by_tensorflow(char):
        return False
    return unicodedata.category(char)[0] == "P" or bool(_OTHER_SINGLE.match(char))


def is_reachable(piece: str) -> bool:
    """Whether a normalised word can hold `piece`: no white space, nothing that is removed."""
    return not (_REMOVED.search(piece) or _SPACES.search(piece))


def with_stand_ins(piece: str) -> str:
    """Spells a piece of the vocabulary as `normalize_graph.for_wordpiece` spells a text."""
    return piece.translate(_STAND_INS)


def python_class(pattern: str) -> re.Pattern:
    """Compiles the inside of an RE2 bracket expression for Python."""
    private = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
    spaces = "\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    pattern = re.sub(r"\\x\{(\w+)\}", lambda m: re.escape(chr(int(m[1], 16))), pattern)
    return re.compile(f"[{pattern}]".replace(r"\p{Co}", private).replace(r"\p{Z}", spaces))


_REMOVED = python_class(code_points.REMOVED)
_SPACES = python_class(code_points.SPACES)
_OTHER_SINGLE = python_class(code_points.HANJA + code_points.SINGLE_FOR_RUST)
_CAPITALS = code_points.young_capitals()
# What more is to be done for than to compose and to lower-case.
_RARE = re.compile(
    f"[Σ{''.join(map(chr, _CAPITALS))}]|{_REMOVED.pattern}|{_SPACES.pattern.replace(' ', '')}"
)
_STAND_INS = code_points.stand_ins()
