"""Next sentence prediction (Devlin et al. 2019, section 3.1)."""

from kortf.objectives.pair import PairObjective


class NextSentence(PairObjective):
    """Tells whether segment B follows segment A in the text (0) or comes from elsewhere (1).

    Args:
        weight: of the loss.
    """

    pairing = "next_sentence"
