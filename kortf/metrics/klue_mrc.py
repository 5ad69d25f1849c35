"""KLUE-MRC: exact match and ROUGE-W of an answer, as KLUE-baseline computes them."""

import difflib
import re
import string
from collections.abc import Sequence

_PUNCTUATION = {ord(mark): None for mark in string.punctuation}
# The official pattern is a sequence, not a set of marks: it almost never matches.
_SEQUENCE = re.compile("['\"《》<>〈〉]\\(\\)‘’")


def normalize(answer: str) -> str:
    """Normalize an answer: lower case, without ASCII punctuation, single spaces.

    Example:
        >>> normalize(" 《세종대왕》(世宗),  K-POP ")
        '《세종대왕》世宗 kpop'
    """
    return " ".join(_SEQUENCE.sub(" ", answer.lower()).translate(_PUNCTUATION).split())


def exact_match(predicted: str, golds: Sequence[str]) -> float:
    """Return 1 if the normalized prediction is a normalized gold answer, else 0.

    Args:
        predicted: Predicted answer, "" for none.
        golds: Accepted answers; none if the question has no answer.
    """
    return float(any(normalize(predicted) == normalize(gold) for gold in golds or [""]))


def rouge_w(predicted: str, golds: Sequence[str]) -> float:
    """Return the F1 of the longest common run of characters; the best over the gold answers.

    KLUE calls this ROUGE-W. It is not the weighted longest common subsequence of Lin (2004).

    Example: the run 가나 is half of either side
        >>> rouge_w("가나다라", ["가나마라"])
        0.5

    Args:
        predicted: Predicted answer, "" for none.
        golds: Accepted answers; none if the question has no answer.

    Returns:
        A number in [0, 1].
    """
    ours = normalize(predicted)
    return max(_run_f1(ours, normalize(gold)) for gold in golds or [""])


def _run_f1(ours: str, theirs: str) -> float:
    if not ours or not theirs:
        return float(ours == theirs)
    # The same matcher as KLUE's: in gold answers of 200 characters and more it skips frequent ones.
    matcher = difflib.SequenceMatcher(None, ours, theirs)
    run = matcher.find_longest_match(0, len(ours), 0, len(theirs)).size
    return 2.0 * run / (len(ours) + len(theirs))
