"""Normalize strings as a vocabulary expects them, in plain Python.

`normalize_graph` does the same in the graph.
"""

import re
import string
import unicodedata
from typing import NamedTuple

from kortf.text.unicode import code_points

# WordPiece makes a longer word [UNK], unless the published tokenizer sets another limit.
MAX_WORD_CHARS = 100


class Normalization(NamedTuple):
    """Steps before a text is cut into pieces, in the order of the attributes but `lowers_first`.

    Attributes:
        quotes: Replace two backticks or two apostrophes by a double quote, as ALBERT does.
        cleans: Remove control, format and private use characters, and make every white space a
            plain space.
        form: Unicode normal form: "NFC", "NFD", "NFKC", "NFKD", or "" for none. NFC comes before
            the cleaning, the others after it.
        strips: Remove marks: "" for none, "Mn" for non-spacing ones (BERT), "M" for all (ALBERT),
            "combining" for those of a combining class (KoBERT).
        lowercase: Lower-case character by character.
        spaces: Make every white space a plain space, without removing anything. Not U+000B where
            `rules` remove it.
        lowers_first: Lower-case before the normal form, not behind it.
        runs: Make one plain space of several white-space characters, and of each tab, line feed
            and carriage return; remove white space at the end of the text (DeBERTa).
        separators: U+001C to U+001F are white space in these steps, as they are for Python's
            `str.split` (KoBERT, KoCharELECTRA).
        rules: A SentencePiece model applies rules of its own behind these steps. No setting: it
            follows from the model.
    """

    quotes: bool = False
    cleans: bool = True
    form: str = "NFC"
    strips: str = ""
    lowercase: bool = False
    spaces: bool = False
    lowers_first: bool = False
    runs: bool = False
    separators: bool = False
    rules: bool = False

    @property
    def white_space(self) -> str:
        """White space in these steps, the inside of an RE2 bracket expression."""
        return code_points.WHITE_SPACE + (r"\x1c-\x1f" if self.separators else "")

    @property
    def single_spaces(self) -> str:
        """White space of the step `spaces`, the inside of an RE2 bracket expression."""
        keeps = self.rules and not self.separators
        return code_points.SPACES_BESIDE_RULES if keeps else self.white_space


def normalize(text: str, lowercase: bool) -> str:
    """Normalize a string for a vocabulary that kortf trains.

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
            # str.lower makes a sigma at the end of a word ς; character by character it is σ.
            text = text.replace("Σ", "σ").translate(_CAPITALS)
    return text.lower() if lowercase else text


def is_single(char: str) -> bool:
    """Return whether WordPiece splits a character off as a separate word: punctuation, Hanja."""
    if char.isascii():
        return char in string.punctuation
    if code_points.is_split_only_by_tensorflow(char):
        return False
    return unicodedata.category(char)[0] == "P" or bool(_OTHER_SINGLE.match(char))


def is_reachable(piece: str) -> bool:
    """Return whether a normalized word can contain `piece`: no white space, nothing removed."""
    return not (_REMOVED.search(piece) or _SPACES.search(piece))


def with_stand_ins(piece: str) -> str:
    """Spell a piece of the vocabulary as `normalize_graph.for_wordpiece` spells a text."""
    return piece.translate(_STAND_INS)


def python_class(pattern: str) -> re.Pattern:
    """Compile the inside of an RE2 bracket expression for Python."""
    private = "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"
    spaces = "\x20\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
    pattern = re.sub(r"\\x\{(\w+)\}", lambda m: re.escape(chr(int(m[1], 16))), pattern)
    return re.compile(f"[{pattern}]".replace(r"\p{Co}", private).replace(r"\p{Z}", spaces))


_REMOVED = python_class(code_points.REMOVED)
_SPACES = python_class(code_points.SPACES)
_OTHER_SINGLE = python_class(code_points.HANJA + code_points.SINGLE_FOR_RUST)
_CAPITALS = code_points.young_capitals()
# Characters that need more than composing and lower-casing.
_RARE = re.compile(
    f"[Σ{''.join(map(chr, _CAPITALS))}]|{_REMOVED.pattern}|{_SPACES.pattern.replace(' ', '')}"
)
_STAND_INS = code_points.stand_ins()
