"""The head of sentence embeddings: pooling and normalization."""

from keras import ops

from kortf.layers.contrastive import normalized
from kortf.layers.heads.pooling import POOLINGS, pool
from kortf.layers.heads.temperature import TemperedHead


class SentenceHead(TemperedHead):
    """One vector for each text.

    Args:
        pooling: `mean` or `max` over the tokens, special tokens included, or `cls`: the last
            layer's vector of the first token.
        normalize: Whether to divide each vector by its length.
        settings: Temperature, as in `TemperedHead`.
    """

    def __init__(self, pooling: str = "mean", normalize: bool = True, **settings):
        super().__init__(**settings)
        if pooling not in POOLINGS:
            raise ValueError(f"pooling='{pooling}': choose one of {', '.join(POOLINGS)}")
        self.pooling_mode = pooling
        self.normalize = normalize

    def call(self, outputs, padding_mask):
        """Pool the outputs of an encoder.

        Args:
            outputs: `{"sequence": [batch, seq, dim], …}`.
            padding_mask: `[batch, seq]`; for `mean` also the weights of the tokens, float32.

        Returns:
            float32 `[batch, dim]`.
        """
        if self.pooling_mode == "cls":
            vectors = outputs["sequence"][:, 0]
        else:
            vectors = pool(outputs, padding_mask, self.pooling_mode)
        return normalized(vectors) if self.normalize else ops.cast(vectors, "float32")
