"""ELECTRA (Clark et al. 2020): BERT's encoder with token vectors of another size and no pooler."""

from kortf.models.transformer import TransformerEncoder
from kortf.ranges import Count


class Electra(TransformerEncoder):
    """ELECTRA's encoder, discriminator or generator; the defaults are the base discriminator.

    Args:
        vocabulary_size: number of pieces.
        embedding_dim: size of the token vectors; `hidden_dim` if None.
        pooler: whether there is a dense tanh layer over the first position; as published, none.
        **options: as `TransformerEncoder` takes them.
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
