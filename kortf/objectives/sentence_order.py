"""Sentence order prediction (Lan et al. 2020, section 3.1)."""

from kortf.objectives.pair import PairObjective


class SentenceOrder(PairObjective):
    """Tells whether two neighbouring segments stand in their order (0) or are swapped (1).

    Args:
        weight: of the loss.
    """

    pairing = "sentence_order"
