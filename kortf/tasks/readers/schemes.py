"""Tagging schemes of files: detect IOB1, IOB2, IOE, BIOES, BILOU and BMES; convert to IOB2."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kortf.errors import InputError

OUTSIDE = "O"
_BEGIN, _INSIDE, _CLOSING = frozenset("BSUW"), frozenset("IELM"), frozenset("ELSUW")
# Prefixes beside B and I, and the scheme that has them.
_SCHEMES = {"BIOES": frozenset("ES"), "BILOU": frozenset("LU"), "BMES": frozenset("MESW")}


@dataclass(frozen=True)
class Converted:
    """Tags of a file in IOB2.

    Attributes:
        scheme: Name of the scheme that was found: `IOB2`, `IOB1`, `IOE2`, `IOE1`, `BIOES`, `BILOU`
            or `BMES`.
        rows: Tags of each sentence.
        repaired: Number of tags that broke the scheme: an `I-` without a begin becomes a `B-`, and
            an entity that nothing closes ends before the next tag that does not continue it.
    """

    scheme: str
    rows: list[list[str]]
    repaired: int


def check_tag(tag: str, unit: int, place: str) -> None:
    """Refuse a tag that is in no known scheme.

    Args:
        tag: Tag of a unit.
        unit: Number of the unit in its sentence, from 1.
        place: File and line.

    Raises:
        InputError: If it is neither `O` nor a prefix, a hyphen and a label.
    """
    prefix, mark, label = tag.partition("-")
    if tag != OUTSIDE and not (mark and label.strip() and prefix in _BEGIN | _INSIDE):
        problem = f"tag '{tag}' of unit {unit} is neither O nor B-LABEL nor I-LABEL"
        raise InputError(place, problem, "write tags in IOB2, IOB1, IOE, BIOES, BILOU or BMES")


def convert(rows: Sequence[Sequence[str]], place: str) -> Converted:
    """Convert the tags of a file to IOB2.

    Example: in IOB1 a `B-` stands only where two entities of one label meet
        >>> convert([["I-PS", "I-PS", "B-PS", "O"]], "a.conll")
        Converted(scheme='IOB1', rows=[['B-PS', 'I-PS', 'B-PS', 'O']], repaired=0)
        >>> convert([["B-PS", "E-PS", "S-LC"]], "a.conll")
        Converted(scheme='BIOES', rows=[['B-PS', 'I-PS', 'B-LC']], repaired=0)
        >>> convert([["I-PS", "E-PS", "E-PS", "O"]], "a.conll")
        Converted(scheme='IOE2', rows=[['B-PS', 'I-PS', 'B-PS', 'O']], repaired=0)

    Args:
        rows: Tags of each sentence, each accepted by `check_tag`.
        place: File, for the message.

    Raises:
        InputError: If prefixes of two schemes are mixed.
    """
    prefixes = {tag[0] for row in rows for tag in row if tag != OUTSIDE}
    scheme = _with_prefixes(prefixes, place)
    begun = [list(_without_begin(row)) for row in rows]
    repaired = sum(map(len, begun))
    if scheme == "IOB2" and repaired and all(map(_is_iob1, rows)):
        scheme, repaired = "IOB1", 0
    elif scheme == "IOE2":
        scheme = "IOE1" if all(map(_is_ioe1, rows)) else scheme
        repaired = 0 if scheme == "IOE1" else sum(map(_without_end, rows))
    elif scheme != "IOB2":
        repaired += sum(map(_without_end, rows))
    usual = [[_usual(tag) for tag in row] for row in rows]
    for row, places in zip(usual, begun, strict=True):
        for i in places:
            row[i] = "B" + row[i][1:]
    return Converted(scheme, usual, repaired)


def _with_prefixes(prefixes: set[str], place: str) -> str:
    further = prefixes - {"B", "I"}
    if not further:
        return "IOB2"
    if further == {"E"} and "B" not in prefixes:
        return "IOE2"
    for scheme, known in _SCHEMES.items():
        if further <= known and not (scheme == "BMES" and "I" in prefixes):
            return scheme
    problem = f"prefixes of several tagging schemes: {', '.join(sorted(prefixes))}"
    raise InputError(place, problem, "write all tags in one scheme, such as IOB2")


def _usual(tag: str) -> str:
    if tag == OUTSIDE:
        return tag
    return ("B" if tag[0] in _BEGIN else "I") + tag[1:]


def _without_begin(row: Sequence[str]) -> Iterable[int]:
    """Yield positions of tags inside of an entity that follow no open entity of their label."""
    for i, tag in enumerate(row):
        if tag[0] in _INSIDE and not _follows(row, i):
            yield i


def _follows(row: Sequence[str], i: int) -> bool:
    """Return whether the tag before this one is of its label and does not close the entity."""
    return i > 0 and row[i - 1][2:] == row[i][2:] and row[i - 1][0] not in _CLOSING


def _without_end(row: Sequence[str]) -> int:
    """Return the number of entities that no `E-`, `L-`, `S-`, `U-` or `W-` closes."""
    unclosed = 0
    for i, tag in enumerate(row):
        if tag != OUTSIDE and tag[0] not in _CLOSING:
            goes_on = i + 1 < len(row) and row[i + 1][0] in _INSIDE and _follows(row, i + 1)
            unclosed += not goes_on
    return unclosed


def _is_iob1(row: Sequence[str]) -> bool:
    """Return whether each `B-` follows an entity of its own label."""
    return all(i and row[i - 1][2:] == tag[2:] for i, tag in enumerate(row) if tag[0] == "B")


def _is_ioe1(row: Sequence[str]) -> bool:
    """Return whether each `E-` precedes an entity of its own label."""
    ends = [i for i, tag in enumerate(row) if tag[0] == "E"]
    return all(i + 1 < len(row) and row[i + 1][2:] == row[i][2:] for i in ends)
