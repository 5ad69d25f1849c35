"""Sentence order prediction (Lan et al. 2020, section 3.1)."""

from kortf.objectives.pair import PairObjective


class SentenceOrder(PairObjective):
    """Classify two neighbouring segments as in order (0) or swapped (1).

    Args:
        weight: Weight of the loss.
    """

    pairing = "sentence_order"
