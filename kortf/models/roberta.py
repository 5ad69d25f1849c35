"""RoBERTa (Liu et al. 2019): BERT's encoder without segments, its positions counted on from one."""

from kortf.models.transformer import TransformerEncoder
from kortf.ranges import Count, Natural, Positive


class Roberta(TransformerEncoder):
    """RoBERTa's encoder; the defaults are RoBERTa-base, except for the first position.

    Args:
        vocabulary_size: Number of pieces.
        num_segments: There is one, and so `segment_ids` say nothing.
        position_offset: Number of the first position; one more than the id of padding, as
            transformers has it: 1 with vocabularies of kortf, 2 with published ones.
        norm_epsilon: Epsilon of all normalisations.
        **options: Arguments of `TransformerEncoder`.
    """

    families = ("roberta", *TransformerEncoder.families)

    def __init__(
        self,
        vocabulary_size: Count,
        num_segments: Natural = 1,
        position_offset: Natural = 1,
        norm_epsilon: Positive = 1e-5,
        **options,
    ):
        super().__init__(
            vocabulary_size,
            num_segments=num_segments,
            position_offset=position_offset,
            norm_epsilon=norm_epsilon,
            **options,
        )
