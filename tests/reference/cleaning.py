"""Rules of cleaning, character by character or by one plain expression."""

import re
import unicodedata


def shorten_repeats(text: str, most: int) -> str:
    """The slow twin of `kortf.clean.rules.characters.repeats`."""
    kept = []
    for char in text:
        same = len(kept) >= most and all(before == char for before in kept[-most:])
        if not same or char == "\n" or unicodedata.category(char)[0] == "N":
            kept.append(char)
    return "".join(kept)


def plain_spaces(line: str) -> str:
    """The slow twin of `kortf.clean.rules.characters.white_space`, of one line."""
    spaces = "".join(" " if char in "\t\r" or char.isspace() else char for char in line)
    return re.sub(" +", " ", spaces).strip(" ")


def hangul_share(document: str) -> float:
    """The slow twin of `kortf.clean.rules.language`."""
    letters = [char for char in document if unicodedata.category(char).startswith("L")]
    return sum("HANGUL" in unicodedata.name(char, "") for char in letters) / max(len(letters), 1)
