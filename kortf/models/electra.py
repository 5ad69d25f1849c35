"""ELECTRA (Clark et al. 2020): BERT's encoder with token vectors of another size and no pooler."""

from kortf.models.transformer import TransformerEncoder
from kortf.ranges import Count


class Electra(TransformerEncoder):
    """ELECTRA's encoder, discriminator or generator; the defaults are the base discriminator.

    Args:
        vocabulary_size: Number of pieces.
        embedding_dim: Size of the token vectors; `hidden_dim` if None.
        pooler: Whether there is a dense tanh layer over the first position; as published, none.
        **options: Arguments of `TransformerEncoder`.
    """

    families = ("electra", *TransformerEncoder.families)

    def __init__(
        self,
        vocabulary_size: Count,
        embedding_dim: Count | None = None,
        pooler: bool = False,
        **options,
    ):
        super().__init__(vocabulary_size, embedding_dim=embedding_dim, pooler=pooler, **options)
