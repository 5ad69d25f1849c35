"""Next sentence prediction (Devlin et al. 2019, section 3.1)."""

from kortf.objectives.pair import PairObjective


class NextSentence(PairObjective):
    """Classify segment B as following segment A in the text (0) or as random (1).

    Args:
        weight: Weight of the loss.
    """

    pairing = "next_sentence"
