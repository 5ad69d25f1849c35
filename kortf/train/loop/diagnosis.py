"""What was not finite in a step that the device refused to take."""

from collections.abc import Callable, Sequence
from typing import Any

from kortf.errors import InputError
from kortf.train.loop.checkpoint import Checkpoints
from kortf.train.loop.step import Trainer

NAMED = 3  # variables that are named before the others are only counted

CURE = (
    "lower --config.optimizer.learning_rate, lengthen the warm-up of --config.schedule, "
    "or use --config.dtype=float32, in another --workdir"
)


def explain_step(
    trainer: Trainer, batches: Callable[[int], Any], step: int, checkpoints: Checkpoints
) -> InputError | None:
    """The error for a step that is not finite, found by computing it again.

    Batches, masks and dropout are functions of the seed and the step, and the weights are those
    before the step: what is not finite is so again.

    Args:
        trainer: whose weights were left as they were before the step.
        batches: gives the iterator that begins with the batch of a step.
        step: its number, from 0.
        checkpoints: of which the last is named.

    Returns:
        The error; None when all of it is finite this time.
    """
    weights = trainer.broken_weights()
    names = trainer.not_finite(batches(step), step)
    problem = describe(weights, names)
    return _error(step + 1, problem, checkpoints) if problem else None


def explain_weights(trainer: Trainer, steps: int, checkpoints: Checkpoints) -> InputError | None:
    """The error for weights that are not finite after `steps` steps; None when they are."""
    problem = describe(trainer.broken_weights(), [])
    return _error(steps, problem, checkpoints) if problem else None


def describe(weights: Sequence[str], computed: Sequence[str]) -> str:
    """Says what is not finite, the effect first and its origin after it.

    Args:
        weights: names of the weights that are not finite.
        computed: names of what is not finite in the step, as `Trainer.not_finite` gives them.

    Returns:
        Such a text, empty when nothing is named.

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
