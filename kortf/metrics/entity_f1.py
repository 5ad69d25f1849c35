"""F1 of named entities, by entity and by character.

Tags are `O`, `B-LABEL` and `I-LABEL`. An entity is right if its label, its first and its last
token are right. Two readings of tags that break the scheme are in use:

- `default`, as the CoNLL-2000 script and seqeval: an `I-` that follows no entity of its label
  begins one.
- `strict`, as seqeval with the scheme IOB2, which KLUE uses: only a `B-` begins one.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

MODES = ("default", "strict")


def usual_tag(tag: str) -> str:
    """Normalize the spelling of a tag: prefix first, `O` for no entity.

    Example:
        >>> usual_tag("PER_B"), usual_tag("PER-B"), usual_tag("-"), usual_tag("B-PER")
        ('B-PER', 'B-PER', 'O', 'B-PER')
    """
    if tag == "-":
        return "O"
    label, mark, prefix = tag.replace("_", "-").rpartition("-")
    return f"{prefix}-{label}" if mark and prefix in ("B", "I") else tag


def entities(tags: Sequence[str], mode: str = "default") -> list[tuple[str, int, int]]:
    """Return the entities of a sentence.

    Example:
        >>> entities(["B-PS", "I-PS", "O", "I-LC", "B-LC"])
        [('PS', 0, 2), ('LC', 3, 4), ('LC', 4, 5)]
        >>> entities(["B-PS", "I-PS", "O", "I-LC", "B-LC"], "strict")
        [('PS', 0, 2), ('LC', 4, 5)]

    Args:
        tags: Tag of each token.
        mode: `default` or `strict`.

    Returns:
        `(label, first, end)` in order, the end exclusive.
    """
    if mode not in MODES:
        raise ValueError(f"mode='{mode}': choose one of {', '.join(MODES)}")
    found: list[tuple[str, int, int]] = []
    open_label, first = None, 0
    for place, tag in enumerate([*tags, "O"]):
        prefix, _, label = tag.partition("-")
        goes_on = prefix == "I" and label == open_label
        if goes_on:
            continue
        if open_label is not None:
            found.append((open_label, first, place))
        begins = prefix == "B" or (prefix == "I" and mode == "default")
        open_label, first = (label, place) if begins else (None, place)
    return found


def entity_f1(
    predicted: Sequence[Sequence[str]], gold: Sequence[Sequence[str]], mode: str = "default"
) -> dict[str, float]:
    """Return precision, recall and F1 of all entities, and the mean F1 of the labels.

    Example: one of two entities is found
        >>> scores = entity_f1([["B-PS", "O", "O"]], [["B-PS", "O", "B-LC"]])
        >>> {name: round(value, 4) for name, value in scores.items()}
        {'precision': 1.0, 'recall': 0.5, 'f1': 0.6667, 'macro_f1': 0.5}

    Args:
        predicted: Tags of each sentence.
        gold: True tags of each sentence.
        mode: `default` or `strict`.

    Returns:
        `precision`, `recall`, `f1` (micro: over all entities) and `macro_f1` (over the labels that
        occur on either side); 0 where there are no entities.
    """
    counts = _counts(predicted, gold, mode)
    total = sum(counts.values(), Counter())
    return {
        "precision": _share(total["hits"], total["predicted"]),
        "recall": _share(total["hits"], total["gold"]),
        "f1": _f1(total),
        "macro_f1": float(np.mean([_f1(each) for each in counts.values()])) if counts else 0.0,
    }


def scores_by_label(
    predicted: Sequence[Sequence[str]], gold: Sequence[Sequence[str]], mode: str = "default"
) -> dict[str, dict[str, float]]:
    """Return precision, recall, F1 and support of each label, as seqeval's report does.

    Example:
        >>> scores_by_label([["B-PS", "O", "O"]], [["B-PS", "O", "B-LC"]])["PS"]
        {'precision': 1.0, 'recall': 1.0, 'f1': 1.0, 'support': 1}
    """
    return {
        label: {
            "precision": _share(each["hits"], each["predicted"]),
            "recall": _share(each["hits"], each["gold"]),
            "f1": _f1(each),
            "support": each["gold"],
        }
        for label, each in _counts(predicted, gold, mode).items()
    }


def character_macro_f1(
    predicted: Sequence[Sequence[str]], gold: Sequence[Sequence[str]], tags: Sequence[str]
) -> float:
    """Return the mean F1 of the tags of single characters, `O` among them, as KLUE does.

    Example: `O` and `B-PS` have 2/3, and `I-PS`, which is on neither side, has 1
        >>> round(character_macro_f1([["B-PS", "B-PS", "O"]], [["B-PS", "O", "O"]],
        ...                          ["B-PS", "I-PS", "O"]), 4)
        0.7778

    Args:
        predicted: Tags of the characters of each sentence.
        gold: True tags of the characters of each sentence.
        tags: All tags of the scheme.

    Returns:
        A number in [0, 1]. A tag that occurs on neither side counts as 1: KLUE calls scikit-learn
        with all tags as `labels` and `zero_division=1`.
    """
    number = {tag: i for i, tag in enumerate(tags)}
    ours, theirs = (
        np.array([number[tag] for row in side for tag in row], np.int64)
        for side in (predicted, gold)
    )
    if len(ours) != len(theirs):
        raise ValueError(f"{len(ours)} predicted tags for {len(theirs)} characters")
    size = len(tags)
    hits = np.bincount(theirs[ours == theirs], minlength=size)
    total = np.bincount(ours, minlength=size) + np.bincount(theirs, minlength=size)
    return float(np.mean(np.divide(2.0 * hits, total, out=np.ones(size), where=total > 0)))


def _counts(predicted, gold, mode: str) -> dict[str, Counter]:
    """Numbers of `predicted`, `gold` and `hits` of each label, sorted by label."""
    counts: dict[str, Counter] = {}
    for ours, theirs in zip(predicted, gold, strict=True):
        if len(ours) != len(theirs):
            raise ValueError(f"{len(ours)} predicted tags for {len(theirs)} tokens")
        ours, theirs = set(entities(ours, mode)), set(entities(theirs, mode))
        for name, group in (("predicted", ours), ("gold", theirs), ("hits", ours & theirs)):
            for label, _, _ in group:
                counts.setdefault(label, Counter())[name] += 1
    return dict(sorted(counts.items()))


def _f1(counts: Counter) -> float:
    return _share(2 * counts["hits"], counts["predicted"] + counts["gold"])


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
