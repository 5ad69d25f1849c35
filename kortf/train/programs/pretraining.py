"""The program that pretraining trains: an encoder under a list of objectives."""

from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from kortf.objectives import visibility_of
from kortf.objectives.objective import Objective, Scores
from kortf.pretrained.card import Card
from kortf.pretrained.directory.config_file import holds_model
from kortf.pretrained.directory.directory import load_encoder, load_heads, save_pretrained
from kortf.text.vocabulary.vocabulary import Vocabulary
from kortf.train.optim.variables import named_variables


class Pretraining:
    """An encoder under a list of objectives.

    Args:
        encoder: a `kortf.models.Encoder`.
        recipe: built objectives.
        vocabulary: of the records; None where batches come corrupted.
    """

    def __init__(self, encoder, recipe: Sequence[Objective], vocabulary: Vocabulary | None = None):
        self.encoder = encoder
        self.recipe = recipe
        self.visibility = visibility_of(recipe)
        self.vocabulary = vocabulary

    def variables(self) -> dict[str, tf.Variable]:
        """Trainable variables by name."""
        layers = [self.encoder, *self.heads().values()]
        for encoder, heads in self.companions().values():
            layers += [encoder, *heads.values()]
        return named_variables(layers)

    def heads(self) -> dict[str, keras.layers.Layer]:
        """The heads by name."""
        return {head.name: head for objective in self.recipe for head in objective.heads}

    def companions(self) -> dict[str, tuple]:
        """Name to (encoder, heads by name) of what is trained beside the encoder."""
        return {
            name: (encoder, {head.name: head for head in heads})
            for objective in self.recipe
            for name, (encoder, heads) in objective.companions.items()
        }

    def expected(self) -> dict[str, float]:
        """Metric to the value that the settings ask for."""
        return {k: v for objective in self.recipe for k, v in objective.expected.items()}

    def load(self, directory: str) -> None:
        """Copies the weights of a model directory, and of those of its companions beside it."""
        load_encoder(self.encoder, directory, self.heads())
        load_heads(self.heads(), directory)
        for name, (encoder, heads) in self.companions().items():
            beside = f"{directory.rstrip('/')}_{name}"
            if holds_model(beside):
                load_encoder(encoder, beside, heads)
                load_heads(heads, beside)

    def save(self, directory: str, card: Callable[[str], Card] = lambda name: Card()) -> None:
        """Writes a model directory, and those of its companions beside it.

        Args:
            directory: of the encoder.
            card: gives the model card of a companion by its name, that of the encoder by "".
        """
        models_ = {"": (self.encoder, self.heads())} | self.companions()
        for name, (encoder, heads) in models_.items():
            path = f"{directory}_{name}" if name else directory
            save_pretrained(path, encoder, self.vocabulary, heads, card=card(name))

    def corrupt(self, features: dict) -> dict:
        """Corrupts a clean batch for all objectives in turn."""
        for objective in self.recipe:
            features = objective.corrupt(features, self.vocabulary)
        return features

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Sums of the loss weights of all objectives."""
        return {k: v for objective in self.recipe for k, v in objective.weights(features).items()}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """One pass of the encoder, scored by all objectives."""
        parts = []
        for objective in self.recipe:
            features, part = objective.prepare(features, seed)
            parts.append(part)
        outputs = self.encoder(features, seed=seed, visibility=self.visibility)
        parts += [objective.score(outputs, features, seed) for objective in self.recipe]
        scores = Scores({}, {})
        for part in parts:
            scores.losses.update(part.losses)
            scores.metrics.update(part.metrics)
        return scores
