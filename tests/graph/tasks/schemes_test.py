"""Tags of other schemes become IOB2, and their entities are those that seqeval finds."""

import itertools

import pytest

from kortf.errors import InputError
from kortf.metrics.entity_f1 import entities
from kortf.tasks.readers.schemes import check_tag, convert

IOB2 = [
    ["B-PS", "I-PS", "B-PS", "O", "B-LC"],
    ["O", "B-LC", "I-LC", "I-LC", "B-PS"],
    ["B-PS", "B-PS", "I-PS"],
]


def written(row, single, end, inside="I"):
    """A row of IOB2 in a scheme with its own marks for entities of one unit and for ends."""
    spans, tags = entities(row), ["O"] * len(row)
    for label, first, stop in spans:
        marks = ["B", *[inside] * (stop - first - 2), end] if stop - first > 1 else [single]
        for i, mark in enumerate(marks):
            tags[first + i] = f"{mark}-{label}"
    return tags


def iob1(row):
    tags = [tag.replace("B-", "I-") for tag in row]
    for (_, _, stop), (label, first, _) in itertools.pairwise(entities(row)):
        if stop == first and row[stop - 1][2:] == label:
            tags[first] = f"B-{label}"
    return tags


def ioe2(row):
    tags = [tag.replace("B-", "I-") for tag in row]
    for label, _, stop in entities(row):
        tags[stop - 1] = f"E-{label}"
    return tags


def ioe1(row):
    tags = [tag.replace("B-", "I-") for tag in row]
    for (label, _, stop), (_, first, _) in itertools.pairwise(entities(row)):
        if stop == first and row[first][2:] == label:
            tags[stop - 1] = f"E-{label}"
    return tags


@pytest.mark.parametrize(
    "scheme, rows",
    [
        ("IOB2", IOB2),
        ("IOB1", [iob1(row) for row in IOB2]),
        ("BIOES", [written(row, "S", "E") for row in IOB2]),
        ("BILOU", [written(row, "U", "L") for row in IOB2]),
        ("BMES", [written(row, "S", "E", "M") for row in IOB2]),
        ("IOE2", [ioe2(row) for row in IOB2]),
        ("IOE1", [ioe1(row) for row in IOB2]),
    ],
)
def test_every_scheme_becomes_iob2(scheme, rows):
    found = convert(rows, "a.conll")
    assert (found.scheme, found.rows, found.repaired) == (scheme, IOB2, 0)


def test_broken_tags_are_counted():
    found = convert([["B-PS", "O"], ["O", "I-LC", "I-PS"]], "a.conll")
    assert found.scheme == "IOB2" and found.repaired == 2
    assert found.rows == [["B-PS", "O"], ["O", "B-LC", "B-PS"]]


@pytest.mark.parametrize(
    "row, expected, repaired",
    [
        (["B-PS", "E-PS", "I-PS", "E-PS"], ["B-PS", "I-PS", "B-PS", "I-PS"], 1),
        (["S-PS", "E-PS", "O"], ["B-PS", "B-PS", "O"], 1),
        (["B-PS", "O", "S-LC"], ["B-PS", "O", "B-LC"], 1),
        (["B-PS", "L-PS", "L-PS", "U-LC"], ["B-PS", "I-PS", "B-PS", "B-LC"], 1),
        (["B-PS", "M-PS", "S-PS"], ["B-PS", "I-PS", "B-PS"], 1),
    ],
)
def test_a_closed_entity_does_not_go_on(row, expected, repaired):
    found = convert([row, ["O"]], "a.conll")
    assert (found.rows[0], found.repaired) == (expected, repaired)


def test_mixed_schemes_and_other_tags_are_refused():
    with pytest.raises(InputError) as caught:
        convert([["B-PS", "L-PS", "S-PS"]], "a.conll")
    assert caught.value.parts[0] == "a.conll"
    for tag in ("", "PS", "B-", "X-PS", "B-  ", "o"):
        with pytest.raises(InputError):
            check_tag(tag, 1, "a.conll, line 1")
    for tag in ("O", "B-PS", "S-A-B"):
        check_tag(tag, 1, "a.conll, line 1")
