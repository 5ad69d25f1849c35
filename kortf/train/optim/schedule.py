"""Learning rate schedules: functions of the step."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import tensorflow as tf

from kortf.discovery import check_settings
from kortf.errors import InputError
from kortf.ranges import Choice, Natural, Positive, Share

DECAYS = ("linear", "cosine", "sqrt")
SCHEDULES = ("linear", "cosine", "constant", "polynomial", "trapezoidal")


@dataclass(frozen=True)
class Schedule:
    """The shape of a learning rate over a run.

    Args:
        name: `linear`, `cosine`, `polynomial` or `constant`; or `trapezoidal`, which is constant
            and decays in the last `decay_steps` only (warm-up, stable, decay).
        warmup_steps: Steps before the peak.
        final_fraction: Fraction of the peak at the end of the decay.
        power: Exponent of `polynomial`: the rate is `(1 - progress) ** power`.
        decay_steps: Steps of the decay of `trapezoidal`; None for a tenth of the run.
        decay: Shape of that decay: `linear`, `cosine`, or `sqrt` for `1 - sqrt(progress)`.
    """

    name: Annotated[str, Choice(SCHEDULES)] = "linear"
    warmup_steps: Natural = 0
    final_fraction: Share = 0.0
    power: Positive = 1.0
    decay_steps: Natural | None = None
    decay: Annotated[str, Choice(DECAYS)] = "linear"


_SHAPES: dict[str, Callable] = {
    "linear": lambda progress, power: 1.0 - progress,
    "cosine": lambda progress, power: 0.5 * (1.0 + tf.cos(math.pi * progress)),
    "constant": lambda progress, power: tf.ones_like(progress),
    "polynomial": lambda progress, power: (1.0 - progress) ** power,
    "sqrt": lambda progress, power: 1.0 - tf.sqrt(progress),
}


def make_schedule(
    learning_rate: float, steps: int, name: str = "linear", warmup_steps: int = 0, **settings
) -> Callable[[tf.Tensor], tf.Tensor]:
    """Warm up linearly from 0, then decay to a fraction of the peak at the last step.

    Example: 10 steps of which 2 warm up, peak 1.0, linear: the rates of the steps 0, 1, 2, … are
        0.5, 1.0, 1.0, 0.875, 0.75, …, 0.125

    Args:
        learning_rate: Peak of the rate.
        steps: Steps of the whole run.
        name: Name of the shape, as in `Schedule`.
        warmup_steps: Steps before the peak.
        **settings: Other settings of `Schedule`.

    Returns:
        Function from the step (int32 scalar, from 0) to the rate (float32 scalar).

    Raises:
        InputError: A setting is unknown or out of its range, or the warm-up and the decay are
            longer than the run.
    """
    settings = {"name": name, "warmup_steps": warmup_steps, **settings}
    check_schedule("config.schedule", **settings)
    chosen = Schedule(**settings)
    decay_steps = steps - warmup_steps
    if name == "trapezoidal":
        tenth = min(steps // 10, decay_steps)
        decay_steps = tenth if chosen.decay_steps is None else chosen.decay_steps
    if warmup_steps > steps or warmup_steps + decay_steps > steps:
        raise InputError(
            f"config.schedule.warmup_steps={warmup_steps}",
            f"warm-up and decay are longer than the run of {steps} steps",
            "set --config.schedule.warmup_steps lower or --config.steps higher",
        )
    shape = _SHAPES[chosen.decay if name == "trapezoidal" else name]
    first, final = steps - decay_steps, chosen.final_fraction

    def rate(step):
        step = tf.cast(step, tf.float32)
        warm = (step + 1.0) / max(warmup_steps, 1)
        progress = tf.clip_by_value((step - first) / max(decay_steps, 1), 0.0, 1.0)
        decayed = final + (1.0 - final) * shape(progress, chosen.power)
        return learning_rate * tf.where(step < warmup_steps, tf.minimum(warm, 1.0), decayed)

    return rate


def check_schedule(place: str, name: str = "linear", **settings) -> None:
    """Raise an InputError for an unknown schedule, or a setting that it does not take.

    Args:
        place: Prefix of the key in errors.
        name: Name of the schedule.
        **settings: Settings by name.
    """
    check_settings(Schedule, "a schedule", place, {"name": name, **settings})
