r"""Characters that are removed or split words, and differences between Unicode versions.

The ids of a text are those of the `tokenizers` library (Rust). TensorFlow's operators (ICU and RE2)
know other versions of Unicode; the tables below name every code point on which they differ, and
`tests/graph/text/code_points_test.py` compares all 1,112,064 of them.

All patterns are the inside of a bracket expression in RE2 syntax.
"""

import sys
import unicodedata

# Removed everywhere: control, format and private use characters, U+FFFD. They never split a word.
# Format characters that are younger than Unicode 8 stay, since Rust does not know them.
REMOVED = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\x{ad}\x{600}-\x{605}\x{61c}\x{6dd}\x{70f}\x{180e}"
    r"\x{200b}-\x{200f}\x{202a}-\x{202e}\x{2060}-\x{2064}\x{2066}-\x{206f}\x{feff}"
    r"\x{fff9}-\x{fffb}\x{fffd}\x{110bd}\x{1bca0}-\x{1bca3}\x{1d173}-\x{1d17a}"
    r"\x{e0001}\x{e0020}-\x{e007f}\p{Co}"
)

# Each becomes one space.
SPACES = r"\t\n\r\p{Z}"
# White space of Rust.
WHITE_SPACE = r"\t-\r\x{85}\p{Z}"
# The same without U+000B, which the rules `nmt_nfkc` of SentencePiece remove.
SPACES_BESIDE_RULES = r"\t\n\f\r\x{85}\p{Z}"

# Characters that are separate words: punctuation, ASCII symbols, CJK ideographs.
HANJA = (
    r"\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{20000}-\x{2a6df}"
    r"\x{2a700}-\x{2b81f}\x{2b920}-\x{2ceaf}\x{2f800}-\x{2fa1f}"
)
# Removed by --remove=hanja: all ideographs, their radicals, their marks of repetition and
# variation. 〇 stays, since it masks names.
IDEOGRAPHS = (
    r"\x{2e80}-\x{2fd5}\x{3005}\x{3021}-\x{3029}\x{3038}-\x{303b}\x{3400}-\x{4dbf}"
    r"\x{4e00}-\x{9fff}\x{f900}-\x{faff}\x{16ff0}-\x{16ff1}\x{20000}-\x{323af}"
    r"\x{e0100}-\x{e01ef}"
)
# Removed by --remove=emoji: what Unicode calls Emoji and shows as a picture. Of the older symbols
# only signs and dingbats (☎ ♥ ✔) and those that are pictures by default (⌚). Arrows, ▶ ■ ★ ♡ © ™
# stay. Selectors and the keycap go as well, since they belong to a removed character.
EMOJI = (
    r"\x{20e3}\x{231a}-\x{231b}\x{23e9}-\x{23ec}\x{23f0}\x{23f3}\x{25fd}-\x{25fe}"
    r"\x{2600}-\x{2604}\x{260e}\x{2611}\x{2614}-\x{2615}\x{2618}\x{261d}\x{2620}"
    r"\x{2622}-\x{2623}\x{2626}\x{262a}\x{262e}-\x{262f}\x{2638}-\x{263a}\x{2640}\x{2642}"
    r"\x{2648}-\x{2653}\x{265f}-\x{2660}\x{2663}\x{2665}-\x{2666}\x{2668}\x{267b}"
    r"\x{267e}-\x{267f}\x{2692}-\x{2697}\x{2699}\x{269b}-\x{269c}\x{26a0}-\x{26a1}\x{26a7}"
    r"\x{26aa}-\x{26ab}\x{26b0}-\x{26b1}\x{26bd}-\x{26be}\x{26c4}-\x{26c5}\x{26c8}"
    r"\x{26ce}-\x{26cf}\x{26d1}\x{26d3}-\x{26d4}\x{26e9}-\x{26ea}\x{26f0}-\x{26f5}"
    r"\x{26f7}-\x{26fa}\x{26fd}\x{2702}\x{2705}\x{2708}-\x{270d}\x{270f}\x{2712}\x{2714}"
    r"\x{2716}\x{271d}\x{2721}\x{2728}\x{2733}-\x{2734}\x{2744}\x{2747}\x{274c}\x{274e}"
    r"\x{2753}-\x{2755}\x{2757}\x{2763}-\x{2764}\x{2795}-\x{2797}\x{27a1}\x{27b0}\x{27bf}"
    r"\x{2b1b}-\x{2b1c}\x{2b50}\x{2b55}\x{fe0e}-\x{fe0f}\x{1f000}-\x{1f0ff}\x{1f170}-\x{1f1ff}"
    r"\x{1f200}-\x{1faff}"
)
# Punctuation in Rust alone.
SINGLE_FOR_RUST = r"\x{166d}\x{111c9}"
SINGLE = r"!-/:-@\[-`{-~\p{P}" + SINGLE_FOR_RUST + HANJA

# Characters that may join what stands before them under NFC: marks, medial and final jamo.
JOINING = r"\p{M}\x{1160}-\x{11ff}\x{16d63}\x{16d67}-\x{16d6a}\x{113b8}-\x{113ce}"

# Characters that change places with marks before them under NFD and NFKD: marks.
REORDERED = r"\p{M}\x{ff9e}\x{ff9f}"

# Compatibility forms of these: NFKC makes `ㅎㅏ` one syllable.
JOINING_COMPATIBLE = (
    r"\x{e33}\x{eb3}\x{3133}\x{3135}-\x{3136}\x{313a}-\x{313f}\x{314f}-\x{3164}"
    r"\x{3167}-\x{316d}\x{316f}-\x{3170}\x{3182}-\x{3183}\x{3187}-\x{318e}\x{ff9e}-\x{ffa0}"
    r"\x{ffa3}\x{ffa5}-\x{ffa6}\x{ffaa}-\x{ffaf}\x{ffc2}-\x{ffc7}\x{ffca}-\x{ffcf}"
    r"\x{ffd2}-\x{ffd7}\x{ffda}-\x{ffdc}"
)

# Single words for Rust, parts of a word for TensorFlow.
SPLIT_ONLY_BY_RUST = (0x166D, 0x111C9)

# First stand-in for other characters: a private use plane.
FIRST_STAND_IN = 0xF0000

# Parts of a word for Rust, single words for TensorFlow: punctuation that is younger than Unicode 8,
# and a gap between two blocks of ideographs. (first, last)
SPLIT_ONLY_BY_TENSORFLOW = (
    (0x61D, 0x61D),
    (0x9FD, 0x9FD),
    (0xA76, 0xA76),
    (0xC77, 0xC77),
    (0xC84, 0xC84),
    (0x1B4E, 0x1B4F),
    (0x1B7D, 0x1B7F),
    (0x2E43, 0x2E4F),
    (0x2E52, 0x2E5D),
    (0x10D6E, 0x10D6E),
    (0x10EAD, 0x10EAD),
    (0x10F55, 0x10F59),
    (0x10F86, 0x10F89),
    (0x113D4, 0x113D5),
    (0x113D7, 0x113D8),
    (0x1144B, 0x1144F),
    (0x1145A, 0x1145B),
    (0x1145D, 0x1145D),
    (0x11660, 0x1166C),
    (0x116B9, 0x116B9),
    (0x1183B, 0x1183B),
    (0x11944, 0x11946),
    (0x119E2, 0x119E2),
    (0x11A3F, 0x11A46),
    (0x11A9A, 0x11A9C),
    (0x11A9E, 0x11AA2),
    (0x11B00, 0x11B09),
    (0x11BE1, 0x11BE1),
    (0x11C41, 0x11C45),
    (0x11C70, 0x11C71),
    (0x11EF7, 0x11EF8),
    (0x11F43, 0x11F4F),
    (0x11FFF, 0x11FFF),
    (0x12FF1, 0x12FF2),
    (0x16D6D, 0x16D6F),
    (0x16E97, 0x16E9A),
    (0x16FE2, 0x16FE2),
    (0x1E5FF, 0x1E5FF),
    (0x1E95E, 0x1E95F),
    (0x2B820, 0x2B91F),
)

_SPLIT_ONLY_BY_TENSORFLOW = frozenset(
    c for first, last in SPLIT_ONLY_BY_TENSORFLOW for c in range(first, last + 1)
)

# Capitals that only Rust's younger Unicode knows. (first, last, step, distance to the small letter)
LOWERCASE_ONLY_BY_RUST = (
    (0x1C89, 0x1C89, 1, 1),
    (0x2C2F, 0x2C2F, 1, 48),
    (0xA7C0, 0xA7C0, 1, 1),
    (0xA7CB, 0xA7CB, 1, -42343),
    (0xA7CC, 0xA7DA, 2, 1),
    (0xA7DC, 0xA7DC, 1, -42561),
    (0x10570, 0x1057A, 1, 39),
    (0x1057C, 0x1058A, 1, 39),
    (0x1058C, 0x10592, 1, 39),
    (0x10594, 0x10595, 1, 39),
    (0x10D50, 0x10D65, 1, 32),
    (0x16EA0, 0x16EB8, 1, 27),
)

# Characters of nearly every Korean text, on which Rust, TensorFlow and Python agree: stable under
# NFC, nothing to remove, no capitals but A-Z. First those inside words …
USUAL_IN_WORD = (
    r"0-9A-Za-z\x{a2}-\x{a6}\x{a8}-\x{aa}\x{ae}-\x{b5}\x{b8}-\x{ba}\x{bc}-\x{be}\x{d7}\x{df}-\x{ff}"
    r"\x{3b1}-\x{3c9}\x{430}-\x{45f}\x{20a0}-\x{20bf}\x{2103}\x{2109}\x{2113}\x{2116}\x{2121}\x{2122}"
    r"\x{2170}-\x{217f}\x{2190}-\x{2307}\x{2460}-\x{24b5}\x{2500}-\x{2767}\x{2776}-\x{27c4}"
    r"\x{2b00}-\x{2bff}\x{3004}-\x{3007}\x{3012}\x{3013}\x{3041}-\x{3096}\x{30a1}-\x{30fa}"
    r"\x{30fc}-\x{30fe}\x{3131}-\x{318e}\x{3200}-\x{33ff}\x{ac00}-\x{d7a3}\x{fe0f}"
    r"\x{ff10}-\x{ff19}\x{ff1c}-\x{ff1e}\x{ff5e}\x{1f000}-\x{1faff}"
)
# … then those between words, or words by themselves.
USUAL_SYMBOLS = (
    r"!-/:-@\[-`{-~\x{a1}\x{a7}\x{ab}\x{b6}\x{b7}\x{bb}\x{bf}\x{2010}-\x{2027}\x{2030}-\x{2043}"
    r"\x{3001}-\x{3003}\x{3008}-\x{3011}\x{3014}-\x{301f}\x{30fb}\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}"
    r"\x{ff01}-\x{ff03}\x{ff05}-\x{ff0a}\x{ff0c}-\x{ff0f}\x{ff1a}\x{ff1b}\x{ff1f}\x{ff20}"
)
USUAL_BETWEEN = " " + USUAL_SYMBOLS
USUAL_SPACES = r"\t\n\r\x{a0}\x{3000}"


def is_split_only_by_tensorflow(char: str) -> bool:
    """Return whether a character is part of a word in Rust and a separate word in TensorFlow."""
    return ord(char) in _SPLIT_ONLY_BY_TENSORFLOW


def stand_ins() -> dict[int, int]:
    """Return the replacement of each character that Rust and TensorFlow split differently.

    A character that only TensorFlow splits off becomes one for private use: those are removed from
    every text, so all are free. The originals then replace what only Rust splits off.
    """
    split = sorted(_SPLIT_ONLY_BY_TENSORFLOW)
    table = {c: FIRST_STAND_IN + i for i, c in enumerate(split)}
    return table | dict(zip(SPLIT_ONLY_BY_RUST, split, strict=False))


def young_capitals() -> dict[int, int]:
    """Return the small letter of each capital that TensorFlow does not know."""
    rows = LOWERCASE_ONLY_BY_RUST
    return {c: c + by for first, last, step, by in rows for c in range(first, last + 1, step)}


def combining() -> list[int]:
    """Return the code points of a combining class other than 0, as Python knows them, in order."""
    return [c for c in range(sys.maxunicode + 1) if unicodedata.combining(chr(c))]
