"""The program that pretraining trains: an encoder under a list of objectives."""

import contextlib
from collections.abc import Callable, Sequence

import keras
import tensorflow as tf

from kortf.errors import InputError
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
        encoder: A `kortf.models.Encoder`.
        recipe: Built objectives.
        vocabulary: Vocabulary of the records; None where batches come corrupted.
    """

    def __init__(self, encoder, recipe: Sequence[Objective], vocabulary: Vocabulary | None = None):
        self.encoder = encoder
        self.recipe = recipe
        self.visibility = visibility_of(recipe)
        self.vocabulary = vocabulary

    def variables(self) -> dict[str, tf.Variable]:
        """Return the trainable variables by name."""
        layers = [self.encoder, *self.heads().values()]
        for encoder, heads in self.companions().values():
            layers += [encoder, *heads.values()]
        layers += [layer for objective in self.recipe for layer in objective.extras]
        return named_variables(layers)

    def trained(self) -> dict[str, tf.Variable]:
        """Return the variables that training changes: all of them."""
        return self.variables()

    def heads(self) -> dict[str, keras.layers.Layer]:
        """Return the heads by name."""
        return {head.name: head for objective in self.recipe for head in objective.heads}

    def companions(self) -> dict[str, tuple]:
        """Return `(encoder, heads by name)` of each model that is trained beside the encoder."""
        return {
            name: (encoder, {head.name: head for head in heads})
            for objective in self.recipe
            for name, (encoder, heads) in objective.companions.items()
        }

    def expected(self) -> dict[str, float]:
        """Return the value that the settings ask for, by metric."""
        return {k: v for objective in self.recipe for k, v in objective.expected.items()}

    def directories(self, directory: str) -> list[str]:
        """Return a model directory, and those of its companions beside it that exist."""
        beside = (f"{directory.rstrip('/')}_{name}" for name in self.companions())
        return [directory, *filter(holds_model, beside)]

    def load(self, directory: str) -> None:
        """Copy the weights of a model directory, and of those of its companions beside it."""
        load_encoder(self.encoder, directory, self.heads())
        load_heads(self.heads(), directory)
        parted = [objective for objective in self.recipe if objective.extras]
        vectors = self.encoder.token_embedding.embeddings.numpy() if parted else None
        for name, (encoder, heads) in self.companions().items():
            beside = f"{directory.rstrip('/')}_{name}"
            if holds_model(beside):
                load_encoder(encoder, beside, heads)
                load_heads(heads, beside)
        for objective in parted:
            objective.unfold(vectors)

    def save(self, directory: str, card: Callable[[str], Card] = lambda name: Card()) -> list[str]:
        """Write a model directory, and those of its companions beside it.

        Args:
            directory: Model directory of the encoder.
            card: Maps the name of a companion to its model card, and "" to that of the encoder.

        Returns:
            The directories.
        """
        parts = {"": (self.encoder, self.heads())} | self.companions()
        paths = {name: f"{directory}_{name}" if name else directory for name in parts}
        for name, (encoder, heads) in parts.items():
            with contextlib.ExitStack() as stack:
                for objective in self.recipe if not name else ():
                    stack.enter_context(objective.folded(encoder))
                save_pretrained(paths[name], encoder, self.vocabulary, heads, card=card(name))
        return list(paths.values())

    def corrupt(self, features: dict) -> dict:
        """Corrupt a clean batch for all objectives in turn."""
        for objective in self.recipe:
            features = objective.corrupt(features, self.vocabulary)
        return features

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Return the sums of the loss weights of all objectives."""
        return {k: v for objective in self.recipe for k, v in objective.weights(features).items()}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """Run the encoder once and score its outputs by all objectives."""
        return self._scores(features, seed)[0]

    def _scores(self, features: dict, seed: tf.Tensor | None) -> tuple[Scores, dict, dict]:
        """Return the scores of a batch, the outputs of the encoder, and what it has read."""
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
        return scores, outputs, features


def check_objectives(recipe: Sequence[Objective], pairing: str, records: str) -> None:
    """Raise an InputError when the records lack a feature that an objective needs.

    Args:
        recipe: Objectives in their order.
        pairing: Pairing of the records.
        records: Directory of the records, for the error.
    """
    present = {"token_ids", "padding_mask", "segment_ids", "draw_seed"}
    present |= {"pack_ids"} if pairing == "none" else {"pair_label"}
    made: dict[str, str] = {}
    for objective in recipe:
        name = type(objective).__module__.rsplit(".", 1)[-1]
        if objective.pairing not in (None, pairing):
            raise InputError(
                records,
                f"made with --pairing={pairing}, but {name} needs {objective.pairing}",
                f"run kortf records --pairing={objective.pairing} … or leave {name} out of "
                "config.objectives",
            )
        missing = [feature for feature in objective.requires if feature not in present]
        if missing:
            problem = f"{name} needs {', '.join(missing)}, which nothing before it provides"
            raise InputError("config.objectives", problem, "put the objective that does before it")
        for feature in objective.provides:
            if feature in made:
                problem = f"{made[feature]} and {name} both make {feature}: two sets of masks"
                raise InputError("config.objectives", problem, "leave one of them out")
            made[feature] = name
        present.update(objective.provides)
