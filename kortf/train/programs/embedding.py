"""Training program of sentence embeddings: a loss over all rows of the global batch."""

import tensorflow as tf

from kortf.objectives.objective import Scores
from kortf.tasks.kinds.embedding.task import EmbeddingTask
from kortf.tasks.kinds.embedding.texts import by_row, texts_in
from kortf.train.optim.freeze import NOTHING, Freeze
from kortf.train.optim.variables import named_variables


class EmbeddingTraining:
    """An encoder whose texts are compared with each other.

    A row of a single text is read twice with different dropout, as unsupervised SimCSE does (Gao et
    al. 2021): the second pass is the positive of the first one.

    Args:
        encoder: A `kortf.models.Encoder`.
        task: Task with its head built.
        freeze: Weights of the encoder that training leaves as they are.
    """

    def __init__(self, encoder, task: EmbeddingTask, freeze: Freeze = NOTHING):
        self.encoder = encoder
        self.task = task
        self.frozen = freeze.names(named_variables([encoder]), encoder)

    def variables(self) -> dict[str, tf.Variable]:
        """Return the variables by name, frozen ones included."""
        return named_variables([self.encoder, self.task.head])

    def trained(self) -> dict[str, tf.Variable]:
        """Return the variables that training changes, by name."""
        return {name: v for name, v in self.variables().items() if name not in self.frozen}

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the number of rows that are not padding."""
        return {"task": tf.reduce_sum(features["weights"])}

    def vectors(self, features: dict, seed: tf.Tensor | None) -> tf.Tensor:
        """Return the vectors of the rows, float32 `[rows, texts, …]` with two texts or more.

        They have no lexical part: it is not trained, and beside it the other part learns less.
        """
        inputs, counted = self.task.encoder_features(features), self.task.counted(features)
        texts = texts_in(features)
        if texts == 1:
            inputs = {name: tf.repeat(value, 2, axis=0) for name, value in inputs.items()}
            counted, texts = tf.repeat(counted, 2, axis=0), 2
        return by_row(self.task.head(self.encoder(inputs, seed=seed), counted), texts)

    def row_features(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the features that the loss reads, each `[rows, …]`."""
        return {name: features[name] for name in ("labels", "weights")}

    def score_vectors(self, vectors: tf.Tensor, features: dict) -> Scores:
        """Compute the loss of a whole batch.

        Args:
            vectors: Vectors of all its rows, as `vectors` returns them.
            features: Features of the same rows, as `row_features` returns them.
        """
        loss = self.task.batch_loss(vectors, features["labels"], features["weights"])
        metrics = {"task_loss": (loss, tf.reduce_sum(features["weights"]))}
        if self.task.head.log_scale is not None:
            metrics["temperature"] = (1.0 / self.task.head.scale, tf.constant(1.0))
        return Scores({"task": loss}, metrics)

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Compute the loss of a batch that is whole on this replica."""
        return self.score_vectors(self.vectors(features, seed), self.row_features(features))
