"""GPT (Radford et al. 2018), in the form of GPT-2 (2019): a causal, pre-norm transformer."""

from kortf.models.encoder import CAUSAL, PREFIX
from kortf.models.transformer import TransformerEncoder
from kortf.ranges import Count, Natural, Positive


class Gpt(TransformerEncoder):
    """GPT-2's transformer; the defaults are its smallest size.

    Args:
        vocabulary_size: Number of pieces.
        max_length: Number of positions.
        num_segments: Number of segment vectors.
        activation: Activation of the feed-forward networks.
        norm: `pre` as in GPT-2, or `post` as in the first GPT.
        norm_epsilon: Epsilon of all normalisations.
        pooler: Whether there is a dense tanh layer over the first position.
        **options: Arguments of `TransformerEncoder`.
    """

    causal = True
    visibilities = (CAUSAL, PREFIX)
    families = ("gpt2", *TransformerEncoder.families)

    def __init__(
        self,
        vocabulary_size: Count,
        max_length: Count = 1024,
        num_segments: Natural = 0,
        activation: str = "gelu_tanh",
        norm: str = "pre",
        norm_epsilon: Positive = 1e-5,
        pooler: bool = False,
        **options,
    ):
        super().__init__(
            vocabulary_size,
            max_length=max_length,
            num_segments=num_segments,
            activation=activation,
            norm=norm,
            norm_epsilon=norm_epsilon,
            pooler=pooler,
            **options,
        )
