"""The Reformer that reads from left to right, and writes."""

from kortf.models.encoder import CAUSAL
from kortf.models.reformer import Reformer
from kortf.ranges import Count, Natural


class CausalReformer(Reformer):
    """A Reformer in which a position sees only itself and what stands before it.

    Args:
        vocabulary_size: Number of pieces.
        num_segments: Number of segment vectors.
        pooler: Whether there is a dense tanh layer over the last position.
        **options: Arguments of `Reformer`.
    """

    causal = True
    visibilities = (CAUSAL,)

    def __init__(
        self, vocabulary_size: Count, num_segments: Natural = 0, pooler: bool = False, **options
    ):
        super().__init__(vocabulary_size, num_segments=num_segments, pooler=pooler, **options)
