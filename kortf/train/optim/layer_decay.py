"""Layer-wise learning-rate decay: what stands deeper in an encoder is changed less."""

import re
from collections.abc import Iterable

from kortf.errors import InputError

_DEPTHS = (  # of what is not a layer, from the depth of the head
    (re.compile(r"encoder/(embedding|embedding_projection)/"), lambda top: 0),
    (re.compile(r"encoder/layers/final_norm/"), lambda top: top - 1),
    (re.compile(r"encoder/pooler/"), lambda top: top),
)
_LAYER = re.compile(r"encoder/layers/layer_(\d+)/")


def layer_scales(names: Iterable[str], num_layers: int, decay: float) -> dict[str, float]:
    """The factor of the learning rate of each variable, as ELECTRA is fine-tuned.

    As in the code of Clark et al. 2020: embeddings (and the projection behind them) have depth 0,
    the layers 1, 2, …, the head is two above the highest layer, and the factor is `decay` to the
    power of how far a variable stands below the head. The normalisation behind the last layer
    stands between that and the head; a pooler counts as part of the head. Where layers share their
    weights, as in ALBERT, the gradient is the sum over them, and the factor is the mean of theirs.
    Both functions of a reversible layer have the depth of that layer.

    Example:
        >>> names = [
        ...     "encoder/embedding/token_embedding/embeddings",
        ...     "encoder/layers/layer_0/feed_forward/output_bias",
        ...     "encoder/layers/layer_1/feed_forward/output_bias",
        ...     "encoder/pooler/bias",
        ...     "classifier/dense/bias",
        ... ]
        >>> list(layer_scales(names, 2, 0.5).values())
        [0.0625, 0.125, 0.25, 1.0, 1.0]

    Args:
        names: of the variables of an encoder and a head, as `named_variables` gives them.
        num_layers: of the encoder.
        decay: factor from one depth to the one below it, in (0, 1].

    Raises:
        InputError: the decay is not in its range, or it is not known where in the encoder a
            variable stands.
    """
    if not 0 < decay <= 1:
        raise InputError(
            f"config.optimizer.layer_decay={decay}",
            "the factor from a layer to the one below it is more than 0 and at most 1",
            "choose 0.8 for a base size, 0.9 for a large one, or 1.0 for none",
        )
    names, top = list(names), num_layers + 2
    groups = len({match[1] for match in map(_LAYER.match, names) if match}) or 1

    def factor(name: str) -> float:
        if not name.startswith("encoder/"):
            return 1.0
        if match := _LAYER.match(name):
            repeats = num_layers // groups
            first = int(match[1]) * repeats + 1
            return sum(decay ** (top - d) for d in range(first, first + repeats)) / repeats
        for pattern, depth in _DEPTHS:
            if pattern.match(name):
                return decay ** (top - depth(top))
        raise InputError(
            "config.optimizer.layer_decay",
            f"nothing says how deep {name} stands",
            "choose 1.0, or name its depth in kortf/train/optim/layer_decay.py",
        )

    return {name: factor(name) for name in names}
