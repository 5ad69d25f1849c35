"""One vector for each text, compared by the cosine."""

import numpy as np
import tensorflow as tf

from kortf.layers.contrastive import cosine
from kortf.layers.contrastive import cosines as cosines_in_graph
from kortf.layers.heads.sentence_head import SentenceHead
from kortf.tasks.kinds.embedding.interaction import Interaction
from kortf.tasks.kinds.embedding.losses import Similarity
from kortf.tasks.kinds.embedding.scores import cosines, positive_ranks, unit


class SingleVectors(Interaction):
    """One vector for each text.

    Args:
        pooling: As in `SentenceHead`.
        normalize: As in `SentenceHead`.
    """

    name = "single"
    measure = "cosine"
    similarity = Similarity(cosine, cosines_in_graph)

    def __init__(self, pooling: str = "mean", normalize: bool = True):
        self.pooling, self.normalize = pooling, normalize

    def make_head(self, init_scale: float, **temperature) -> SentenceHead:
        del init_scale
        return SentenceHead(
            self.pooling, self.normalize, **temperature, name="embedding", dtype="float32"
        )

    def decide(self, vectors: tf.Tensor, scored: bool) -> dict[str, tf.Tensor]:
        del scored
        return {"embedding": vectors[:, 0]} if vectors.shape[1] == 1 else {"vectors": vectors}

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        return found if "embedding" in found else {"embedding": found["vectors"][:, 0]}

    def similarities(self, found: dict[str, np.ndarray]) -> np.ndarray:
        return cosines(found["vectors"])

    def ranks(self, found: dict[str, np.ndarray], positives: list[str]) -> np.ndarray:
        return positive_ranks(unit(found["vectors"][:, :2]), positives)
