"""One vector for each token, compared by MaxSim (Khattab and Zaharia 2020, ColBERT)."""

import numpy as np
import tensorflow as tf

from kortf.layers.heads.token_head import TokenHead
from kortf.layers.late_interaction import mean_max_sim, mean_max_sim_of_pairs, similarity
from kortf.metrics.late_interaction import TokenVectors
from kortf.metrics.late_interaction import mean_max_sim as mean_max_sim_of_arrays
from kortf.tasks.kinds.embedding.interaction import Interaction
from kortf.tasks.kinds.embedding.losses import Similarity
from kortf.tasks.kinds.embedding.scores import positive_ranks
from kortf.text.tokenizer.punctuation import punctuation_ids
from kortf.text.vocabulary.vocabulary import Vocabulary


class LateInteraction(Interaction):
    """One vector for each token.

    An anchor is the query of its candidates: their similarity is MaxSim divided by the number of
    its tokens, from -1 to 1 like a cosine. That of pairs with a gold similarity is the mean of both
    directions.

    Args:
        width: Number of dimensions of a token's vector.
        skip_punctuation: Whether tokens that are punctuation do not count, in either text.
    """

    name = "late"
    measure = "similarity"
    similarity = Similarity(similarity, mean_max_sim)

    def __init__(self, width: int = 128, skip_punctuation: bool = False):
        self.width, self.skip_punctuation = width, skip_punctuation

    def make_head(self, init_scale: float, **temperature) -> TokenHead:
        return TokenHead(
            self.width, init_scale, **temperature, name="late_interaction", dtype="float32"
        )

    def counted(self, vocabulary: Vocabulary, ids: tf.RaggedTensor) -> tf.RaggedTensor | None:
        if not self.skip_punctuation:
            return None
        reads = np.ones(vocabulary.size, np.int32)
        reads[punctuation_ids(vocabulary)] = 0
        return ids.with_values(tf.gather(tf.constant(reads), ids.values))

    def decide(self, vectors: tf.Tensor, scored: bool) -> dict[str, tf.Tensor]:
        if vectors.shape[1] == 1:
            return {"token_vectors": vectors[:, 0]}
        first, *others = tf.unstack(vectors, axis=1)
        if scored:  # the vectors themselves would fill the memory
            return {"similarity": similarity(first, others[0])[:, None]}
        found = tf.stack([mean_max_sim_of_pairs(first, other) for other in others], axis=1)
        return {"similarity": found, "vectors": vectors}

    def similarities(self, found: dict[str, np.ndarray]) -> np.ndarray:
        return found["similarity"]

    def ranks(self, found: dict[str, np.ndarray], positives: list[str]) -> np.ndarray:
        def among(anchors, candidates):
            texts = (TokenVectors.of_padded(each) for each in (anchors, candidates))
            return mean_max_sim_of_arrays(*texts)

        return positive_ranks(found["vectors"], positives, among)
