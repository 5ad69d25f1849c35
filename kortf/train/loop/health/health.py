"""Find silent failures of a pretraining in the metrics of an interval.

Each check is a function from metrics to a line with cause and cure, or to None.
"""

import math

import numpy as np

from kortf.errors import InputError
from kortf.train.loop.step import Totals, means

# A discriminator with less recall calls every token original.
LEAST_RECALL = 0.01
# The AUC of a random ranking is 0.5.
CHANCE_AUC = 0.55
# A generator with a smaller share of distinct pieces among its draws has collapsed.
LEAST_DISTINCT = 0.01
LEAST_ENTROPY = 0.1  # nats
# Tolerance of a share: a fraction of the requested one, and standard errors.
SHARE_TOLERANCE, SHARE_ERRORS = 0.1, 4.0


class Watch:
    """Checks each interval of a run, and repeats a warning only after its cause was gone.

    Args:
        expected: Share that the config asks for, by metric.
        warmup_steps: Steps before which a generator and a discriminator are not judged.
    """

    def __init__(self, expected: dict[str, float] | None = None, warmup_steps: int = 0):
        self.expected = expected or {}
        self.warmup_steps = warmup_steps
        self._told: set[str] = set()

    def look(self, step: int, totals: Totals) -> dict[str, str]:
        """Return the new warnings by kind.

        Args:
            step: Steps done.
            totals: Sums of the interval.
        """
        measured = {name: total for name, total in totals.items() if total[1]}
        values = means(measured)
        found = {name: broken_metric(name, value) for name, value in values.items()}
        for name, asked in self.expected.items():
            if name in measured and math.isfinite(values[name]):
                found[name] = wrong_share(name, measured[name], asked)
        if step > self.warmup_steps:
            found["rtd_discriminator"] = blind_discriminator(values)
            found["rtd_generator"] = collapsed_generator(values)
        warnings = {kind: text for kind, text in found.items() if text}
        new = {kind: text for kind, text in warnings.items() if kind not in self._told}
        self._told = set(warnings)
        return new


def broken_metric(name: str, value: float) -> str | None:
    """Warn of a metric that is not finite although the loss is.

    Example:
        >>> broken_metric("rtd_auc", float("nan"))
        'rtd_auc is nan, though loss and gradient are finite: ignore it'
    """
    if math.isfinite(value):
        return None
    return f"{name} is {value}, though loss and gradient are finite: ignore it"


def blind_discriminator(values: dict[str, float]) -> str | None:
    """Warn of a discriminator that finds no replaced token.

    Args:
        values: Means of the metrics: `rtd_recall`, and `rtd_auc` if there is one.
    """
    recall, auc = values.get("rtd_recall"), values.get("rtd_auc")
    if recall is None or not recall < LEAST_RECALL:
        return None
    text = f"the discriminator finds {recall:.1%} of the replaced tokens"
    text += "" if auc is None else f" (rtd_auc {auc:.2f})"
    if auc is not None and auc > CHANCE_AUC:
        return (
            f"{text}: it ranks them above the others, but none above one half; train longer, or "
            "raise the weight of its loss in --config.objectives"
        )
    return (
        f"{text}: it cannot tell them apart; lower --config.optimizer.learning_rate, lengthen the "
        "warm-up of --config.schedule, or use a smaller generator in --config.objectives"
    )


def collapsed_generator(values: dict[str, float]) -> str | None:
    """Warn of a generator that draws the same few pieces everywhere.

    Args:
        values: Means of the metrics: `generator_distinct` (share of distinct pieces among those
            drawn in a batch) and `generator_entropy` (nats).
    """
    signs = []
    if values.get("generator_distinct", 1.0) < LEAST_DISTINCT:
        signs.append(f"{values['generator_distinct']:.2%} of its draws are distinct pieces")
    if values.get("generator_entropy", math.inf) < LEAST_ENTROPY:
        signs.append(f"its entropy is {values['generator_entropy']:.3f} nats")
    if not signs:
        return None
    return (
        f"the generator has collapsed ({', '.join(signs)}): the discriminator learns "
        "nothing from it; lower --config.optimizer.learning_rate, lengthen the warm-up of "
        "--config.schedule, or use a larger generator in --config.objectives"
    )


def wrong_share(name: str, total: np.ndarray, asked: float) -> str | None:
    """Warn of a share, such as that of the masked tokens, that differs from the requested one.

    Example: 1,200 masked of 10,000 where 0.15 is requested: 0.12 is farther from it than a tenth
        of it and four standard errors, 0.0150 + 0.0143. 1,210 would pass.

    Args:
        name: Name of the metric.
        total: `[chosen, candidates]`.
        asked: Share that should be chosen.
    """
    chosen, candidates = (float(value) for value in total)
    share = chosen / candidates
    error = math.sqrt(asked * (1 - asked) / candidates)
    if abs(share - asked) <= SHARE_TOLERANCE * asked + SHARE_ERRORS * error:
        return None
    why = "rows too short or words too long for it" if share < asked else "very short rows"
    return (
        f"{name} is {share:.3f} where the config asks for {asked:.3f}: {why}; check the "
        "--seq_length of the records, and rate and unit in --config.objectives"
    )


def check_tied(program) -> None:
    """Check that all encoders and vocabulary heads of a program share one token table.

    Args:
        program: Program with `encoder` and `recipe`, whose objectives may have `companions`: name
            to `(encoder, heads)`.

    Raises:
        InputError: A part has a token table of its own.
    """
    table = program.encoder.token_embedding.embeddings
    for objective in program.recipe:
        parts = {head.name: head for head in objective.heads}
        for name, (encoder, heads) in getattr(objective, "companions", {}).items():
            parts |= {name: encoder} | {f"{name}/{head.name}": head for head in heads}
        for name, part in parts.items():
            own = getattr(part, "token_embedding", None)
            if own is not None and own.embeddings is not table:
                raise InputError(
                    f"config.objectives, {name}",
                    "it has a token table of its own, not the encoder's",
                    "make it with the encoder's embedding layer",
                )
