"""Learning rate schedules: functions of the step."""

import math
from collections.abc import Callable

import tensorflow as tf

from kortf.errors import InputError


def _linear(progress):
    return 1.0 - progress


def _cosine(progress):
    return 0.5 * (1.0 + tf.cos(math.pi * progress))


def _constant(progress):
    return tf.ones_like(progress)


SHAPES = {"linear": _linear, "cosine": _cosine, "constant": _constant}


def make_schedule(
    learning_rate: float,
    steps: int,
    name: str = "linear",
    warmup_steps: int = 0,
    final_fraction: float = 0.0,
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Linear warm-up from 0, then decay to a fraction of the peak at the last step.

    Example: 10 steps of which 2 warm up, peak 1.0, linear: the rates of the steps 0, 1, 2, … are
        0.5, 1.0, 1.0, 0.875, 0.75, …, 0.125

    Args:
        learning_rate: the peak.
        steps: of the whole run.
        name: `linear`, `cosine` or `constant`.
        warmup_steps: steps before the peak.
        final_fraction: of the peak, what the decay ends in.

    Returns:
        Function from the step (int32 scalar, from 0) to the rate (float32 scalar).

    Raises:
        InputError: for an unknown name or a warm-up longer than the run.
    """
    if name not in SHAPES:
        raise InputError(
            f"config.schedule.name='{name}'",
            "no such schedule",
            f"choose one of {', '.join(SHAPES)}",
        )
    if warmup_steps > steps:
        raise InputError(
            f"config.schedule.warmup_steps={warmup_steps}",
            f"longer than the run of {steps} steps",
            "set --config.schedule.warmup_steps lower or --config.steps higher",
        )

    def rate(step):
        step = tf.cast(step, tf.float32)
        warm = (step + 1.0) / max(warmup_steps, 1)
        progress = tf.clip_by_value((step - warmup_steps) / max(steps - warmup_steps, 1), 0.0, 1.0)
        decayed = final_fraction + (1.0 - final_fraction) * SHAPES[name](progress)
        return learning_rate * tf.where(step < warmup_steps, tf.minimum(warm, 1.0), decayed)

    return rate
