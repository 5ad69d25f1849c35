"""Tagged texts: units, which are characters or words, each with a tag of the BIO scheme."""

from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError

OUTSIDE = "O"


def tag_set(labels: Sequence[str]) -> tuple[str, ...]:
    """All tags of some labels.

    Example:
        >>> tag_set(["PS", "LC"])
        ('O', 'B-PS', 'I-PS', 'B-LC', 'I-LC')
    """
    return (OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BI"))


def of_words(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The text that words make with single spaces between, and where each stands in it.

    Example:
        >>> of_words(["세종", "대왕"])
        ('세종 대왕', [(0, 2), (3, 5)])
    """
    units, at = [], 0
    for word in words:
        units.append((at, at + len(word)))
        at += len(word) + 1
    return " ".join(words), units


def tagged_words(words: Sequence[str], tags: Sequence[str], place: str, unit: str = "word") -> dict:
    """The example that words with a tag each are.

    Example:
        >>> tagged_words(["세종", "왔다"], ["B-PS", "O"], "a.txt, line 1")
        {'text': '세종 왔다', 'units': [(0, 2), (3, 5)], 'tags': ['B-PS', 'O']}

    Raises:
        InputError: there are more of the ones than of the others.
    """
    if len(words) != len(tags):
        problem = f"{len(words)} {unit}s with {len(tags)} tags"
        raise InputError(place, problem, f"give each {unit} a tag")
    text, units = of_words(words)
    return {"text": text, "units": units, "tags": tags}


def of_characters(text: str) -> list[tuple[int, int]]:
    """Where each character stands.

    Example:
        >>> of_characters("왕이")
        [(0, 1), (1, 2)]
    """
    return [(i, i + 1) for i in range(len(text))]


def tags_of_entities(
    units: Sequence[tuple[int, int]], entities: Iterable[tuple[int, int, str]]
) -> list[str]:
    """The tags of units that stand, in part at least, in entities.

    Example:
        >>> tags_of_entities([(0, 2), (3, 5), (5, 6)], [(0, 5, "PS")])
        ['B-PS', 'I-PS', 'O']

    Args:
        units: `(start, end)` in characters, ascending.
        entities: `(start, end, label)`; where two meet, the first one has the unit.
    """
    tags = [OUTSIDE] * len(units)
    for start, end, label in entities:
        prefix = "B"
        for i, (begin, stop) in enumerate(units):
            if begin < end and stop > start and tags[i] == OUTSIDE:
                tags[i] = f"{prefix}-{label}"
                prefix = "I"
    return tags


def token_tags(
    tags: Sequence[Sequence[int]],
    units: Sequence[Sequence[tuple[int, int]]],
    opening: np.ndarray,
    owners: np.ndarray,
    starts: np.ndarray,
    begins_row: np.ndarray,
) -> np.ndarray:
    """The tag of each token: that of the unit in which the token starts.

    A token that goes on where another has begun the same unit goes on with its entity as well.

    Args:
        tags: number of the tag of each unit of each text.
        units: `(start, end)` of each.
        opening: int `[tags]`, for the number of a tag the number of the one that goes on: of
            `I-PS` for `B-PS`, and of every other tag itself.
        owners: int `[tokens]`, the text that each token belongs to, ascending.
        starts: int `[tokens]`, its first character.
        begins_row: bool `[tokens]`, whether it is the first one of its row.

    Returns:
        int32 `[tokens]`.
    """
    # One axis for all texts, each behind the one before it.
    longest = 1 + max([int(starts.max(initial=0))] + [u[-1][1] for u in units if u])
    flat = np.array([i * longest + start for i, row in enumerate(units) for start, _ in row])
    numbers = np.array([number for row in tags for number in row], np.int32)
    if not len(starts):
        return np.zeros(0, np.int32)
    unit = np.searchsorted(flat, owners.astype(np.int64) * longest + starts, side="right") - 1
    found = numbers[unit]
    again = np.zeros(len(unit), bool)
    again[1:] = (unit[1:] == unit[:-1]) & ~begins_row[1:]
    return np.where(again, opening[found], found).astype(np.int32)


def entities_of_tokens(
    tags: tf.Tensor, labels: tf.Tensor, begins: tf.Tensor, owners: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Which tokens begin an entity, and which entity each is in, in the graph.

    A tag `I-` that follows no token of its label begins one as well, as in CoNLL-2000.

    Args:
        tags: int32 `[tokens]`.
        labels: int32, for each tag the number of its label, 0 for `O`.
        begins: bool, for each tag whether it is a `B-`.
        owners: int32 `[tokens]`, the text that each token belongs to, ascending.

    Returns:
        bool `[tokens]`, and int32 `[tokens]`, numbers from 0 up; -1 outside.
    """
    label = tf.gather(labels, tags)
    before = tf.concat([[0], label[:-1]], axis=0)
    same_text = tf.concat([[False], owners[1:] == owners[:-1]], axis=0)
    goes_on = same_text & (before == label) & ~tf.gather(begins, tags)
    first = (label > 0) & ~goes_on
    number = tf.cumsum(tf.cast(first, tf.int32)) - 1
    return first, tf.where(label > 0, number, -1)
