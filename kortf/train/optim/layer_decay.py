"""Layer-wise learning-rate decay: lower layers of an encoder change less."""

from collections.abc import Iterable

from kortf.errors import InputError


def layer_scales(names: Iterable[str], encoder, decay: float) -> dict[str, float]:
    """Return the factor of the learning rate of each variable, as ELECTRA is fine-tuned.

    As in the code of Clark et al. 2020, the factor is `decay` to the power of the number of levels
    between a variable and the head. The encoder declares the depth of its variables. Where layers
    share their weights, as in ALBERT, the gradient is the sum over them, and the factor is the mean
    of theirs.

    Example: of a BERT of two layers
        >>> names = [
        ...     "encoder/embedding/token_embedding/embeddings",
        ...     "encoder/layers/layer_0/feed_forward/output_bias",
        ...     "encoder/layers/layer_1/feed_forward/output_bias",
        ...     "encoder/pooler/bias",
        ...     "classifier/dense/bias",
        ... ]
        >>> list(layer_scales(names, bert, 0.5).values())
        [0.0625, 0.125, 0.25, 1.0, 1.0]

    Args:
        names: Names of the variables of an encoder and a head, as `named_variables` gives them.
        encoder: The encoder, with `depths` and `top_depth`.
        decay: Factor from one depth to the one below it, in (0, 1].

    Raises:
        InputError: The decay is not in its range, or the encoder has no such variable.
    """
    if not 0 < decay <= 1:
        raise InputError(
            f"config.optimizer.layer_decay={decay}",
            "must be above 0 and at most 1",
            "choose 0.8 for a base size, 0.9 for a large one, or 1.0 for none",
        )

    def factor(name: str) -> float:
        role, _, path = name.partition("/")
        if role != encoder.role:
            return 1.0
        try:
            depths = encoder.depths(path)
        except KeyError as error:
            problem = f"{type(encoder).__name__} declares no depth of {name}"
            raise InputError("config.optimizer.layer_decay", problem, "choose 1.0") from error
        return sum(decay ** (encoder.top_depth - depth) for depth in depths) / len(depths)

    return {name: factor(name) for name in names}
