"""Entities and their F1 against slow twins, and against seqeval."""

import random

import numpy as np
import pytest
from sklearn.metrics import f1_score

from kortf.metrics.entity_f1 import (
    MODES,
    character_macro_f1,
    entities,
    entity_f1,
    scores_by_label,
)

TAGS = ["B-PS", "I-PS", "B-LC", "I-LC", "B-DT", "I-DT", "O"]


def sentences(seed, number=60):
    draw = random.Random(seed)
    return [draw.choices(TAGS, k=1 + n % 9) for n in range(number)]


def slow_entities(tags, mode):
    """All stretches that are an entity: begun rightly, of one label, and as long as can be."""

    def begins(i):
        prefix, label = tags[i][0], tags[i][2:]
        if prefix != "I":
            return prefix == "B"
        return mode == "default" and (i == 0 or tags[i - 1][2:] != label)

    def whole(i, j):
        inside = all(tag == f"I-{tags[i][2:]}" for tag in tags[i + 1 : j])
        return inside and (j == len(tags) or tags[j] != f"I-{tags[i][2:]}")

    stretches = ((i, j) for i in range(len(tags)) for j in range(i + 1, len(tags) + 1))
    return [(tags[i][2:], i, j) for i, j in stretches if begins(i) and whole(i, j)]


@pytest.mark.parametrize("mode", MODES)
def test_by_definition(mode):
    predicted, gold = sentences(1), sentences(2)
    sides = []
    for rows in (predicted, gold):
        assert [entities(tags, mode) for tags in rows] == [slow_entities(t, mode) for t in rows]
        sides.append({(n, *e) for n, tags in enumerate(rows) for e in slow_entities(tags, mode)})
    ours, theirs = sides

    def f1(label):
        a, b = ({e for e in side if label in (None, e[1])} for side in sides)
        return 2 * len(a & b) / (len(a) + len(b))

    scores = entity_f1(predicted, gold, mode)
    assert scores["precision"] == len(ours & theirs) / len(ours)
    assert scores["recall"] == len(ours & theirs) / len(theirs)
    assert scores["f1"] == pytest.approx(f1(None))
    assert scores["macro_f1"] == pytest.approx(np.mean([f1(label) for label in ("PS", "LC", "DT")]))


def test_characters_by_definition():
    predicted, gold = sentences(1), sentences(2)
    ours, theirs = sum(predicted, []), sum(gold, [])
    pairs = list(zip(ours, theirs, strict=True))
    f1 = [2 * pairs.count((t, t)) / (ours.count(t) + theirs.count(t)) for t in TAGS]
    assert character_macro_f1(predicted, gold, TAGS) == pytest.approx(np.mean(f1))
    more = [*TAGS, "B-TI"]  # on neither side: counts as 1
    assert character_macro_f1(predicted, gold, more) == pytest.approx(np.mean([*f1, 1.0]))


def test_the_ends():
    empty = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "macro_f1": 0.0}
    assert entity_f1([["O", "O"]], [["O", "O"]]) == empty
    assert entity_f1([["B-PS"]], [["B-PS"]]) == dict.fromkeys(empty, 1.0)
    # An entity does not reach into the next sentence.
    assert entity_f1([["B-PS"], ["I-PS"]], [["B-PS"], ["O"]])["precision"] == 0.5
    assert entities(["B-A-B", "I-A-B"]) == [("A-B", 0, 2)]


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="1 predicted tags for 2 tokens"):
        entity_f1([["O"]], [["O", "O"]])
    with pytest.raises(ValueError, match="choose one of default, strict"):
        entities(["O"], "loose")
    with pytest.raises(ValueError, match="2 predicted tags for 1 characters"):
        character_macro_f1([["O", "O"]], [["O"]], TAGS)


@pytest.mark.oracle
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("seed", range(5))
def test_seqeval(mode, seed):
    seqeval = pytest.importorskip("seqeval.metrics", reason="pip install seqeval")
    scheme = pytest.importorskip("seqeval.scheme").IOB2
    more = {"mode": "strict", "scheme": scheme} if mode == "strict" else {}
    predicted, gold = sentences(seed), sentences(seed + 100)
    scores = entity_f1(predicted, gold, mode)
    expected = {
        "precision": seqeval.precision_score(gold, predicted, **more),
        "recall": seqeval.recall_score(gold, predicted, **more),
        "f1": seqeval.f1_score(gold, predicted, **more),
        "macro_f1": seqeval.f1_score(gold, predicted, average="macro", **more),
    }
    assert scores == pytest.approx(expected)


def test_characters_as_klue_counts_them():
    predicted, gold = sentences(1), sentences(2)
    tags = [*TAGS, "B-TI", "I-TI"]
    expected = f1_score(
        sum(gold, []), sum(predicted, []), labels=tags, average="macro", zero_division=1
    )
    assert character_macro_f1(predicted, gold, tags) == pytest.approx(expected)


@pytest.mark.oracle
@pytest.mark.parametrize("mode", MODES)
def test_labels_as_seqeval_reports_them(mode):
    seqeval = pytest.importorskip("seqeval.metrics")
    scheme = pytest.importorskip("seqeval.scheme").IOB2
    more = {"mode": "strict", "scheme": scheme} if mode == "strict" else {}
    predicted, gold = sentences(1), sentences(2)
    gold = [[tag.replace("DT", "LC") for tag in row] for row in gold]  # DT is predicted only
    report = seqeval.classification_report(gold, predicted, output_dict=True, **more)
    found = scores_by_label(predicted, gold, mode)
    assert set(found) == {"PS", "LC", "DT"}
    for label, measures in found.items():
        expected = report[label] | {"f1": report[label]["f1-score"]}
        assert measures == pytest.approx({name: expected[name] for name in measures})
