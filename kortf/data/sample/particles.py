"""Korean particles (josa) by the final sound of the word before them."""

import re

# Written after a final consonant, after a vowel.
PAIRS = {
    "은(는)": ("은", "는"),
    "이(가)": ("이", "가"),
    "을(를)": ("을", "를"),
    "과(와)": ("과", "와"),
    "(으)로": ("으로", "로"),
    "(이)나": ("이나", "나"),
    "(이)라": ("이라", "라"),
    "(이)었": ("이었", "였"),
}
MARK = re.compile("|".join(re.escape(mark) for mark in PAIRS))

# Final consonants as Unicode counts them, 28 to a syllable.
NO_FINAL, RIEUL, BIEUP = 0, 8, 17
_DIGITS = dict(zip("0123456789", (21, 8, 0, 1, 0, 0, 1, 8, 8, 0), strict=True))  # 영 일 이 삼 …
_LETTERS = {"l": 8, "r": 8, "m": 16, "n": 4}  # 엘 알 엠 엔; the other letters' names end in a vowel
_SILENT = "'\"’”』」》〉"


def final_sound(word: str) -> int:
    """The final consonant of a word as it is read, as Unicode numbers them (0 is none, 8 is ㄹ).

    Closing quotes and a bracketed gloss at the end are not read.

    Example:
        >>> [final_sound(word) for word in ("서울", "부산", "제주", "1998", "'강'", "왕(王)")]
        [8, 4, 0, 8, 21, 21]
    """
    word = word.rstrip(_SILENT)
    while word.endswith(")") and "(" in word:
        word = word[: word.rindex("(")].rstrip(_SILENT + " ")
    last = word[-1:].lower()
    if "가" <= last <= "힣":
        return (ord(last) - ord("가")) % 28
    return _DIGITS.get(last, _LETTERS.get(last, NO_FINAL))


def particle(word: str, mark: str) -> str:
    """The particle of a pair that follows `word`.

    Args:
        word: Word before the particle.
        mark: A key of `PAIRS`.

    Example:
        >>> [particle(word, "(으)로") for word in ("서울", "부산", "제주")]
        ['로', '으로', '로']
    """
    with_final, without = PAIRS[mark]
    final = final_sound(word)
    if mark == "(으)로" and final == RIEUL:
        return without
    return without if final == NO_FINAL else with_final
