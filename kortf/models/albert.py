"""ALBERT (Lan et al. 2020): small token vectors, and layers that share their weights."""

from kortf.models.transformer import TransformerEncoder
from kortf.ranges import Count, Fraction


class Albert(TransformerEncoder):
    """ALBERT's encoder; the defaults are ALBERT-base.

    Args:
        vocabulary_size: Number of pieces.
        embedding_dim: Size of the token vectors.
        num_groups: Sets of weights for all layers.
        activation: Activation of the feed-forward networks.
        dropout: Rate on embeddings and sub-layer outputs; ALBERT is trained without.
        **options: Arguments of `TransformerEncoder`.
    """

    always_projects = True
    families = ("albert", *TransformerEncoder.families)

    def __init__(
        self,
        vocabulary_size: Count,
        embedding_dim: Count = 128,
        num_groups: Count = 1,
        activation: str = "gelu_tanh",
        dropout: Fraction = 0.0,
        **options,
    ):
        super().__init__(
            vocabulary_size,
            embedding_dim=embedding_dim,
            num_groups=num_groups,
            activation=activation,
            dropout=dropout,
            **options,
        )
