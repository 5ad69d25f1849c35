"""KorQuAD 1.0: exact match and F1 over the characters of an answer.

As the official evaluation script, version 1.0, counts: Lim, Kim and Lee, "KorQuAD1.0: Korean QA
dataset for machine reading comprehension", 2019.
"""

import string
from collections import Counter
from collections.abc import Mapping, Sequence

# These marks separate words; other ASCII punctuation is removed, which joins its neighbours.
_SPACES = {ord(mark): " " for mark in "'\"《》<>〈〉()‘’"}
_NOTHING = {ord(mark): None for mark in string.punctuation}


def normalize(answer: str) -> str:
    """Normalize an answer: lower case, without brackets, quotes and ASCII punctuation.

    Example:
        >>> normalize("  《세종대왕》(世宗), K-POP  ")
        '세종대왕 世宗 kpop'

    Args:
        answer: Answer as in the text.

    Returns:
        Words separated by single spaces; other marks, such as `·` or `“`, are kept.
    """
    return " ".join(answer.translate(_SPACES).lower().translate(_NOTHING).split())


def exact_match(predicted: str, golds: Sequence[str]) -> float:
    """Return 1 if the normalized prediction is one of the normalized gold answers, else 0.

    A question without gold answers has none: as in SQuAD 2.0, the empty prediction is right.

    Example:
        >>> exact_match("<세종대왕>", ["세종", "세종대왕"])
        1.0
    """
    return float(any(normalize(predicted) == normalize(gold) for gold in golds or [""]))


def character_f1(predicted: str, golds: Sequence[str]) -> float:
    """Return the F1 of the prediction's characters in any order; the best over the gold answers.

    Example: four of five characters are right, and none is missing
        >>> round(character_f1("세종대왕이", ["세종대왕"]), 4)
        0.8889

    Args:
        predicted: Predicted answer.
        golds: Accepted answers; none if the question has no answer.

    Returns:
        A number in [0, 1]; 0 where one normalized side is empty. Without gold answers it is 1 for
        an empty prediction and 0 for any other, as in SQuAD 2.0.
    """
    if not golds:
        return float(not normalize(predicted))
    return max(_f1(predicted, gold) for gold in golds)


def span_scores(predicted: Mapping[str, str], golds: Mapping[str, Sequence[str]]) -> dict:
    """Return both scores of a file of questions.

    Example:
        >>> span_scores({"1": "세종대왕"}, {"1": ["세종대왕"], "2": ["서울"]})
        {'exact_match': 0.5, 'f1': 0.5}

    Args:
        predicted: Question id to answer; a question without an answer scores 0.
        golds: Question id to accepted answers.

    Returns:
        `exact_match` and `f1`, shares in [0, 1] (the official script prints them times 100).
    """
    answered = [(predicted[key], answers) for key, answers in golds.items() if key in predicted]
    return {
        "exact_match": sum(exact_match(*pair) for pair in answered) / len(golds),
        "f1": sum(character_f1(*pair) for pair in answered) / len(golds),
    }


def _f1(predicted: str, gold: str) -> float:
    ours, theirs = (Counter(normalize(text).replace(" ", "")) for text in (predicted, gold))
    same = (ours & theirs).total()
    return 2 * same / (ours.total() + theirs.total()) if same else 0.0
