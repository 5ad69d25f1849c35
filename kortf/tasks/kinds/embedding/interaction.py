"""Contract of the ways to compare two texts."""

import abc

import numpy as np
import tensorflow as tf

from kortf.layers.heads.temperature import TemperedHead
from kortf.tasks.kinds.embedding.losses import Similarity
from kortf.text.vocabulary.vocabulary import Vocabulary


class Interaction(abc.ABC):
    """A way to represent texts by vectors, and to compare two of them.

    Attributes:
        name: Value of `config.task.interaction`.
        measure: Name of the similarity in predictions.
        similarity: Similarity in the loss.
    """

    name: str
    measure: str
    similarity: Similarity

    @abc.abstractmethod
    def make_head(self, init_scale: float, **temperature) -> TemperedHead:
        """Return a head, not built.

        It maps the outputs of an encoder and the tokens that count, `[batch, seq]`, to vectors
        `[batch, …]`.
        """

    def counted(self, vocabulary: Vocabulary, ids: tf.RaggedTensor) -> tf.RaggedTensor | None:
        """Return 1 for tokens that the head reads, int32 like `ids`; None if it reads all."""
        del vocabulary, ids
        return None

    @abc.abstractmethod
    def decide(self, vectors: tf.Tensor, scored: bool) -> dict[str, tf.Tensor]:
        """Return what scoring needs of rows, or what a model answers for single texts.

        Args:
            vectors: Vectors `[batch, texts, …]`.
            scored: Whether the rows are pairs with a gold similarity.
        """

    def numeric_answers(self, found: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Return what a model answers, of the result of `decide`; by default all of it."""
        return found

    @abc.abstractmethod
    def similarities(self, found: dict[str, np.ndarray]) -> np.ndarray:
        """Return the similarity of the first text of each row with the others.

        Args:
            found: Result of `decide` for all rows.

        Returns:
            float32 `[rows, texts - 1]`.
        """

    @abc.abstractmethod
    def ranks(self, found: dict[str, np.ndarray], positives: list[str]) -> np.ndarray:
        """Return the rank of each anchor's positive among all positives, int `[rows]`, from 1."""
