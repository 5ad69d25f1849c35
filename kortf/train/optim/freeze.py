"""Weights of an encoder that fine-tuning leaves as they are."""

from collections.abc import Iterable
from dataclasses import dataclass

from kortf.errors import InputError


@dataclass(frozen=True)
class Freeze:
    """The lowest parts of an encoder, which are not trained.

    Args:
        layers: Number of lowest layers; above 0, the embeddings are frozen as well.
        embeddings: Whether the embeddings are frozen.
    """

    layers: int = 0
    embeddings: bool = False

    def names(self, names: Iterable[str], encoder) -> frozenset[str]:
        """Return the names of the variables that are frozen.

        A variable that layers share is frozen where all of them are.

        Example: of a BERT of two layers
            >>> names = ["encoder/embedding/token_embedding/embeddings",
            ...          "encoder/layers/layer_0/feed_forward/output_bias",
            ...          "encoder/layers/layer_1/feed_forward/output_bias"]
            >>> sorted(Freeze(layers=1).names(names, bert))
            ['encoder/embedding/token_embedding/embeddings',
             'encoder/layers/layer_0/feed_forward/output_bias']

        Args:
            names: Names of the variables of the encoder, as `named_variables` gives them.
            encoder: The encoder, with `depths` and its `settings`.

        Raises:
            InputError: The encoder has fewer layers, or shares their weights with others.
        """
        if not self.layers and not self.embeddings:
            return frozenset()
        place = f"config.freeze_layers={self.layers}"
        most = encoder.settings["num_layers"]
        if self.layers > most:
            raise InputError(place, f"the encoder has {most} layers", f"choose at most {most}")
        depths = {name: encoder.depths(name.partition("/")[2]) for name in names}
        frozen = frozenset(name for name, found in depths.items() if max(found) <= self.layers)
        if self.layers and not any(0 < max(depths[name]) for name in frozen):
            problem = "the frozen layers share their weights with those that are trained"
            raise InputError(place, problem, f"choose {most}, or config.freeze_embeddings")
        return frozen


NOTHING = Freeze()
