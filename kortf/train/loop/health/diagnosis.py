"""Name the values that were not finite in a step that the device refused."""

from collections.abc import Callable, Sequence
from typing import Any

from kortf.errors import InputError
from kortf.train.loop.checkpoint import Checkpoints
from kortf.train.loop.step import Trainer

NAMED = 3  # variables named in an error; further ones are counted

CURE = (
    "lower --config.optimizer.learning_rate, lengthen the warm-up of --config.schedule, "
    "or use --config.dtype=float32, in another --workdir"
)


def explain_step(
    trainer: Trainer, batches: Callable[[int], Any], step: int, checkpoints: Checkpoints
) -> InputError | None:
    """Return the error for a step that is not finite, by computing the step again.

    Batches, masks and dropout are functions of the seed and the step, and the weights are those
    before the step: the same values are not finite again.

    Args:
        trainer: Trainer, with the weights before the step.
        batches: Gives the iterator that begins with the batch of a step.
        step: Number of the step, from 0.
        checkpoints: Checkpoints, of which the last is named.

    Returns:
        The error; None if everything is finite this time.
    """
    weights = trainer.broken_weights()
    names = trainer.not_finite(batches(step), step)
    problem = describe(weights, names)
    return _error(step + 1, problem, checkpoints) if problem else None


def explain_weights(trainer: Trainer, steps: int, checkpoints: Checkpoints) -> InputError | None:
    """Return the error for weights that are not finite after `steps` steps, or None."""
    problem = describe(trainer.broken_weights(), [])
    return _error(steps, problem, checkpoints) if problem else None


def describe(weights: Sequence[str], computed: Sequence[str]) -> str:
    """Describe the values that are not finite, the effect first and its origin after it.

    Args:
        weights: Names of the weights that are not finite.
        computed: Names of the values in the step that are not, as `Trainer.not_finite` gives them.

    Returns:
        The description; empty if no name is given.

    Example:
        >>> describe([], ["loss/masked_lm", "gradient/encoder/norm/gamma"])
        'loss masked_lm is not finite (first in the gradient of encoder/norm/gamma)'
        >>> describe(["pooler/bias"], ["loss/masked_lm", "gradient/encoder/norm/gamma"])
        'loss masked_lm is not finite (nor is the weight pooler/bias)'
        >>> describe([], ["gradient/a", "gradient/b", "gradient/c", "gradient/d"])
        'the gradient of a, b, c and 1 more is not finite'
    """
    losses = [name.removeprefix("loss/") for name in computed if name.startswith("loss/")]
    gradients = [
        name.removeprefix("gradient/") for name in computed if name.startswith("gradient/")
    ]
    effects = [f"loss {_listed(losses)}"] if losses else []
    if gradients and not losses:
        effects.append(f"the gradient of {_listed(gradients)}")
    if weights and not effects:
        effects.append(f"the weight {_listed(weights)}")
    if not effects:
        return "the norm of the gradient overflows float32" if computed else ""
    text = f"{effects[0]} is not finite"
    if weights and not effects[0].startswith("the weight"):
        return f"{text} (nor is the weight {_listed(weights)})"
    return f"{text} (first in the gradient of {gradients[0]})" if losses and gradients else text


def _listed(names: Sequence[str]) -> str:
    text = ", ".join(names[:NAMED])
    return text if len(names) <= NAMED else f"{text} and {len(names) - NAMED} more"


def _error(step: int, problem: str, checkpoints: Checkpoints) -> InputError:
    steps = checkpoints.steps()
    kept = f"the last good checkpoint (step {steps[-1]}) is kept" if steps else "no checkpoint yet"
    return InputError(f"step {step}", problem, f"{kept}; {CURE}")
