"""Tags of tokens and of units: worked examples, and loops that do the same slowly."""

import numpy as np
import tensorflow as tf

from kortf.metrics.entity_f1 import entities
from kortf.tasks.readers import names, tags


def test_examples():
    assert tags.tag_set(["PS", "LC"]) == ("O", "B-PS", "I-PS", "B-LC", "I-LC")
    assert tags.of_words(["세종", "대왕"]) == ("세종 대왕", [(0, 2), (3, 5)])
    assert tags.tagged_words(["세종", "왔다"], ["B-PS", "O"], "a.txt, line 1") == {
        "text": "세종 왔다",
        "units": [(0, 2), (3, 5)],
        "tags": ["B-PS", "O"],
    }
    assert names.listed("PS, LC") == ("PS", "LC")
    assert tags.of_characters("왕이") == [(0, 1), (1, 2)]
    units = [(0, 2), (3, 5), (5, 6)]
    assert tags.tags_of_entities(units, [(0, 5, "PS")]) == ["B-PS", "I-PS", "O"]


def test_entities_of_tokens_are_those_of_the_metric():
    rng = np.random.default_rng(0)
    names = tags.tag_set(["PS", "LC"])
    numbers = rng.integers(0, len(names), 400)
    owners = np.sort(rng.integers(0, 40, 400))
    labels = tf.constant([0, 1, 1, 2, 2])
    begins = tf.constant([name.startswith("B-") for name in names])
    first, number = tags.entities_of_tokens(
        tf.constant(numbers, tf.int32), labels, begins, tf.constant(owners, tf.int32)
    )
    found = []
    for i in range(int(number.numpy().max()) + 1):
        places = np.flatnonzero(number.numpy() == i)
        assert first.numpy()[places].tolist() == [True] + [False] * (len(places) - 1)
        label = ["", "PS", "LC"][labels.numpy()[numbers[places[0]]]]
        found.append((label, places[0], places[-1] + 1))
    expected = []
    for owner in range(40):
        places = np.flatnonzero(owners == owner)
        row = entities([names[i] for i in numbers[places]])
        expected += [(label, places[a], places[b - 1] + 1) for label, a, b in row]
    assert found == expected


LABELS = np.array([0, 1, 1, 2, 2])  # O, B-PS, I-PS, B-LC, I-LC


def test_a_token_that_goes_on_in_a_unit_goes_on_with_its_entity():
    # 세종대왕은 | 왔다, as the pieces 세종 ##대왕 ##은 왔 ##다, twice, the second time in two rows.
    units = [[(0, 5), (6, 8)]] * 2
    owners, starts = np.array([0] * 5 + [1] * 5), np.array([0, 2, 4, 6, 7] * 2)
    unit = tags.units_of_tokens(units, owners, starts)
    assert unit.tolist() == [0, 0, 0, 1, 1, 2, 2, 2, 3, 3]
    begins_row = np.array([1, 0, 0, 0, 0, 1, 0, 1, 0, 0], bool)
    found = tags.token_tags(np.array([1, 0, 1, 0]), unit, begins_row, LABELS)
    assert found.tolist() == [1, 2, 2, 0, 0] + [1, 2, 1, 0, 0]


def test_tokens_are_always_legal():
    """A window that starts inside an entity, an invisible first unit, and `I-` after another."""
    unit = np.array([1, 2, 3, 4])
    begins_row = np.array([1, 0, 1, 0], bool)
    found = tags.token_tags(np.array([1, 2, 2, 2, 4]), unit, begins_row, LABELS)
    assert found.tolist() == [1, 2, 1, 3]


def test_raw_tags_of_units():
    units = [(i, i + 1) for i in range(4)]
    assert (
        tags.tags_of_tokens(units, [(0, 1, "I-PS"), (1, 2, "I-PS"), (3, 4, "I-PS")]) == ["I-PS"] * 4
    )
    assert tags.tags_of_tokens(units, [(0, 2, "B-PS"), (3, 4, "I-LC")]) == [
        "B-PS", "I-PS", "O", "I-LC",
    ]  # fmt: skip
    # The first of several tokens in a unit counts.
    tokens = [(0, 2, "I-PS"), (2, 4, "O")]
    assert tags.tags_of_tokens([(0, 4), (5, 6)], tokens) == ["I-PS", "O"]
    assert tags.tags_of_tokens(units, []) == ["O"] * 4
