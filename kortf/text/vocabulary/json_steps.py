"""Read the normalizer of a `tokenizer.json` as the steps that kortf computes."""

import base64
import binascii
from typing import NamedTuple, NoReturn

from kortf.errors import InputError
from kortf.text.unicode import code_points, removal
from kortf.text.unicode.normalize import Normalization

CURE = "take another tokenizer, or put the vocab.txt or .model that belongs to it beside it"
# In the syntax of Oniguruma, which `tokenizers` uses: it reads \x80 and above as bytes, \x{80} as
# a character.
REMOVED = (
    "["
    + code_points.REMOVED.replace(r"\p{Co}", r"\p{Private_Use}").replace(
        r"\x7f-\x9f", r"\x7f\x{80}-\x{9f}"
    )
    + "]"
)
SPACES = r"[\t\n\r\p{Z}]"
WHITE_SPACE = f"[{code_points.WHITE_SPACE}]"
SPACES_BESIDE_RULES = f"[{code_points.SPACES_BESIDE_RULES}]"
DOUBLE_SPACE = " {2,}"
RUNS = r"\s{2,}|[\n\r\t]"
# As kortf wrote it once, without the control characters U+0080 to U+009F.
_REMOVED_BEFORE = "[" + code_points.REMOVED.replace(r"\p{Co}", r"\p{Private_Use}") + "]"
_FORMS = ("NFC", "NFD", "NFKC", "NFKD")


class Steps(NamedTuple):
    """A normalizer.

    Attributes:
        normalization: Its steps before the rules of SentencePiece.
        charsmap: Those rules; empty for none.
        collapses: Whether several spaces become one.
        remove: Kinds of characters that are removed first, of `removal.KINDS`.
        bert: The `BertNormalizer` step, where there is one.
        strips_end: Whether white space at the end of the text is removed.
        strips: Whether white space at one end of the text or both is removed.
        marks: Whether several spaces become ▁, which is no space for a step behind.
    """

    normalization: Normalization
    charsmap: bytes
    collapses: bool
    remove: tuple[str, ...]
    bert: dict | None
    strips_end: bool = False
    strips: bool = False
    marks: bool = False


def read_normalizer(normalizer, path: str) -> Steps:
    """Read a normalizer.

    Example: `{"type": "Sequence", "normalizers": [{"type": "NFKC"}, {"type": "Lowercase"}]}` is the
    normalization with the form NFKC that lower-cases and does not clean.

    Args:
        normalizer: Parsed JSON; None for none.
        path: Path of the file, for messages.

    Raises:
        InputError: A step is not one that kortf computes, or stands in another order.
    """
    place = f"{path}, normalizer"
    given = {"quotes": False, "cleans": False, "form": "", "strips": "", "lowercase": False}
    charsmap, collapses, remove, bert, patterns = b"", False, (), None, set()
    strips_end, strips, strips_begin, marks, quotes = False, False, False, False, set()
    lowers_first = False
    for number, step in enumerate(steps_of(normalizer, "normalizers", place)):
        kind = step.get("type")
        # Once the rules of SentencePiece have been applied, spaces alone are treated.
        early = not charsmap and bert is None
        if kind == "NFKD" and bert is not None and not given["form"]:
            given["form"] = "NFKD after BertNormalizer"
        elif kind == "Lowercase" and given["form"] == "NFKD after BertNormalizer":
            given["lowercase"] = True
        elif kind in _FORMS and early and given["form"] in ("", kind):
            late = given["lowercase"] and given["form"]
            if patterns or late or given["strips"]:
                refuse_step(place, f"{kind} after other steps")
            given["form"], lowers_first = kind, given["lowercase"]
        elif kind == "Lowercase" and early and not lowers_first:
            given["lowercase"] = True
        elif kind == "StripAccents" and early and given["form"] == "NFKD":
            given["strips"] = "M"
        elif kind == "NFC" and early and given["strips"]:
            pass  # `normalize` composes after it strips
        elif kind == "Precompiled" and early:
            charsmap = _charsmap(step, place)
        elif kind == "BertNormalizer" and early:
            bert = step
        elif kind == "Strip":
            strips = True
            strips_begin = strips_begin or step.get("strip_left", True) is not False
            strips_end = strips_end or step.get("strip_right", True) is not False
        elif kind == "Replace":
            pattern, content = _replacement(step, place)
            found = _removed_kinds(pattern)
            if found and not content and number == 0:
                remove = found
            elif pattern == DOUBLE_SPACE and content in (" ", "▁"):
                collapses, marks = True, marks or content == "▁"
            elif early and not strips and (pattern, content) == (RUNS, " "):
                given["runs"] = True
            elif pattern in ("``", "''") and content == '"' and early:
                given["quotes"] = True
                quotes.add(pattern)
            elif early and content == " " and pattern in (WHITE_SPACE, SPACES_BESIDE_RULES):
                given["spaces"] = True
            elif early and (pattern, content) in _own():
                patterns.add("removed" if not content else "spaces")
            else:
                refuse_step(place, f"Replace of {pattern[:40]!r}")
        else:
            refuse_step(place, str(kind))
    if len(quotes) == 1:
        refuse_step(place, "Replace of one of the two double quotes")
    if patterns:
        if patterns != {"removed", "spaces"}:
            refuse_step(place, "a part of kortf's own steps")
        given["cleans"] = True
    normalization = Normalization(**given, lowers_first=lowers_first)
    if normalization.runs:
        free = {"quotes": False, "lowercase": False, "lowers_first": False}
        usual = normalization._replace(**free) == Normalization(cleans=False, runs=True)
        if not usual or charsmap or bert or collapses or strips_begin or not strips_end:
            refuse_step(place, f"Replace of {RUNS!r} beside these steps")
    return Steps(normalization, charsmap, collapses, remove, bert, strips_end, strips, marks)


def steps_of(step, name: str, place: str, depth: int = 0) -> list[dict]:
    """Return the steps of nested sequences in their order.

    Args:
        step: Parsed JSON: a step, a `Sequence` of steps, or None.
        name: Key of the steps of a sequence.
        place: File and field, for messages.
        depth: How many sequences are around it.
    """
    if step is None:
        return []
    if not isinstance(step, dict) or depth > 8:
        raise InputError(place, "not a step, or too many nested sequences", CURE)
    if step.get("type") != "Sequence":
        return [step]
    inner = step.get(name) or []
    if not isinstance(inner, list):
        raise InputError(place, "a sequence without a list of steps", CURE)
    return [found for each in inner for found in steps_of(each, name, place, depth + 1)]


def refuse_step(place: str, named: str) -> NoReturn:
    """Raise InputError for a step that kortf does not compute."""
    raise InputError(place, f"{named} is not supported", CURE)


def _own() -> set[tuple[str, str]]:
    return {(REMOVED, ""), (_REMOVED_BEFORE, ""), (SPACES, " ")}


def _removed_kinds(pattern: str) -> tuple[str, ...]:
    for kinds in (("hanja",), ("emoji",), ("hanja", "emoji")):
        if pattern == removal.pattern(kinds):
            return kinds
    return ()


def _replacement(step: dict, place: str) -> tuple[str, str]:
    pattern, content = step.get("pattern"), step.get("content")
    if isinstance(pattern, dict) and len(pattern) == 1:
        (pattern,) = pattern.values()
    if not isinstance(pattern, str) or not isinstance(content, str):
        raise InputError(place, "Replace without a pattern and a content", CURE)
    return pattern, content


def _charsmap(step: dict, place: str) -> bytes:
    try:
        return base64.b64decode(step.get("precompiled_charsmap") or "", validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise InputError(place, "the rules of Precompiled are not base64", CURE) from error
