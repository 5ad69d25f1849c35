"""Tagged texts: units, either characters or words, with a tag of the BIO scheme each."""

from collections.abc import Iterable, Sequence

import numpy as np
import tensorflow as tf

from kortf.errors import InputError
from kortf.tasks.readers.schemes import OUTSIDE


def tag_set(labels: Sequence[str]) -> tuple[str, ...]:
    """Return all tags of some labels.

    Example:
        >>> tag_set(["PS", "LC"])
        ('O', 'B-PS', 'I-PS', 'B-LC', 'I-LC')
    """
    return (OUTSIDE, *(f"{prefix}-{label}" for label in labels for prefix in "BI"))


def of_words(words: Sequence[str], between: str = " ") -> tuple[str, list[tuple[int, int]]]:
    """Join words, by default with spaces; return the text and the span of each word.

    Example:
        >>> of_words(["세종", "대왕"])
        ('세종 대왕', [(0, 2), (3, 5)])
    """
    units, at = [], 0
    for word in words:
        units.append((at, at + len(word)))
        at += len(word) + len(between)
    return between.join(words), units


def tagged_words(
    words: Sequence[str],
    tags: Sequence[str],
    place: str,
    unit: str = "word",
    between: str = " ",
) -> dict:
    """Make an example of words with a tag each.

    Example:
        >>> tagged_words(["세종", "왔다"], ["B-PS", "O"], "a.txt, line 1")
        {'text': '세종 왔다', 'units': [(0, 2), (3, 5)], 'tags': ['B-PS', 'O']}

    Raises:
        InputError: If the numbers of words and tags differ.
    """
    if len(words) != len(tags):
        problem = f"{len(words)} {unit}s with {len(tags)} tags"
        raise InputError(place, problem, f"give each {unit} a tag")
    text, units = of_words(words, between)
    return {"text": text, "units": units, "tags": tags}


def of_characters(text: str) -> list[tuple[int, int]]:
    """Return the span of each character.

    Example:
        >>> of_characters("왕이")
        [(0, 1), (1, 2)]
    """
    return [(i, i + 1) for i in range(len(text))]


def tags_of_entities(
    units: Sequence[tuple[int, int]], entities: Iterable[tuple[int, int, str]]
) -> list[str]:
    """Tag the units that overlap with entities.

    Example:
        >>> tags_of_entities([(0, 2), (3, 5), (5, 6)], [(0, 5, "PS")])
        ['B-PS', 'I-PS', 'O']

    Args:
        units: `(start, end)` in characters, ascending.
        entities: `(start, end, label)`; a unit that two entities share goes to the first.
    """
    tags = [OUTSIDE] * len(units)
    for start, end, label in entities:
        prefix = "B"
        for i, (begin, stop) in enumerate(units):
            if begin < end and stop > start and tags[i] == OUTSIDE:
                tags[i] = f"{prefix}-{label}"
                prefix = "I"
    return tags


def units_of_tokens(
    units: Sequence[Sequence[tuple[int, int]]], owners: np.ndarray, starts: np.ndarray
) -> np.ndarray:
    """Find the unit in which each token starts.

    Args:
        units: `(start, end)` of each unit of each text, in characters.
        owners: int `[tokens]`, number of the text that a token belongs to, ascending.
        starts: int `[tokens]`, first character of each token.

    Returns:
        int `[tokens]`, number of the unit among the units of all texts.
    """
    if not len(starts):
        return np.zeros(0, np.int64)
    # One axis for all texts, each behind the one before it.
    longest = 1 + max([int(starts.max(initial=0))] + [u[-1][1] for u in units if u])
    flat = np.array([i * longest + start for i, row in enumerate(units) for start, _ in row])
    return np.searchsorted(flat, owners.astype(np.int64) * longest + starts, side="right") - 1


def token_tags(
    numbers: np.ndarray, unit: np.ndarray, begins_row: np.ndarray, labels: np.ndarray
) -> np.ndarray:
    """Tag each token as the unit in which it starts; each row is legal in the BIO scheme.

    A token after another one of its unit continues the entity. An `I-` that no token of its label
    precedes in the row becomes `B-`: where a window starts inside an entity, or where the first
    unit of an entity is invisible and has no token.

    Args:
        numbers: int `[units]`, number of the tag of each unit, as in `tag_set`.
        unit: int `[tokens]`, from `units_of_tokens`.
        begins_row: bool `[tokens]`, whether a token is the first of its row.
        labels: int `[tags]`, number of the label of each tag, 0 for `O`.

    Returns:
        int32 `[tokens]`.
    """
    found = numbers[unit].astype(np.int32)
    if not len(found):
        return found
    is_begin = (found > 0) & (found % 2 == 1)  # O, B-1, I-1, B-2, I-2, …
    same_unit = np.concatenate([[False], unit[1:] == unit[:-1]]) & ~begins_row
    found += is_begin & same_unit
    label = labels[found]
    follows = np.concatenate([[False], label[1:] == label[:-1]]) & ~begins_row
    return found - ((found > 0) & (found % 2 == 0) & ~follows).astype(np.int32)


def tags_of_tokens(
    units: Sequence[tuple[int, int]], tokens: Sequence[tuple[int, int, str]]
) -> list[str]:
    """Tag units by the tokens of a model, without any repair of the sequence.

    A unit has the tag of the first token in it. A unit that lies in a token of an earlier unit
    continues that tag; one without a token, such as a space, continues an entity around it.

    Example:
        >>> tags_of_tokens([(0, 1), (1, 2), (2, 3), (3, 4)],
        ...                [(0, 1, "I-PS"), (1, 2, "I-PS"), (3, 4, "I-PS")])
        ['I-PS', 'I-PS', 'I-PS', 'I-PS']

    Args:
        units: `(start, end)` in characters, ascending.
        tokens: `(start, end, tag)`, ascending.
    """
    tags: list[str | None] = [None] * len(units)
    at = 0
    for i, (begin, stop) in enumerate(units):
        while at < len(tokens) and tokens[at][1] <= begin:
            at += 1
        if at < len(tokens) and tokens[at][0] < stop:
            start, _, tag = tokens[at]
            tags[i] = tag if start >= begin else tag.replace("B-", "I-", 1)
    following = OUTSIDE
    gaps = []
    for i in reversed(range(len(units))):
        if tags[i] is None:
            gaps.append((i, following))
        else:
            following = tags[i]
    for i, following in reversed(gaps):
        goes_on = following[0] == "I" and i and tags[i - 1][2:] == following[2:]
        tags[i] = following if goes_on else OUTSIDE
    return tags


def entities_of_tokens(
    tags: tf.Tensor, labels: tf.Tensor, begins: tf.Tensor, owners: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """Find the tokens that begin an entity, and the entity of each token, in the graph.

    A tag `I-` that follows no token of its label also begins an entity, as in CoNLL-2000.

    Args:
        tags: int32 `[tokens]`.
        labels: int32 `[tags]`, number of the label of each tag, 0 for `O`.
        begins: bool `[tags]`, whether a tag is a `B-`.
        owners: int32 `[tokens]`, number of the text that a token belongs to, ascending.

    Returns:
        bool `[tokens]`, whether a token begins an entity, and int32 `[tokens]`, the number of its
        entity, counted from 0; -1 outside.
    """
    label = tf.gather(labels, tags)
    before = tf.concat([[0], label[:-1]], axis=0)
    same_text = tf.concat([[False], owners[1:] == owners[:-1]], axis=0)
    goes_on = same_text & (before == label) & ~tf.gather(begins, tags)
    first = (label > 0) & ~goes_on
    number = tf.cumsum(tf.cast(first, tf.int32)) - 1
    return first, tf.where(label > 0, number, -1)
