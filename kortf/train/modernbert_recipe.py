"""ModernBERT's pretraining (Warner et al. 2024, table 3), for the configs that share it."""

import dataclasses

import ml_collections

from kortf.train.recipe import SMALL, Recipe, pretraining

STABLE = {"name": "stable_adamw", "weight_decay": 1e-5, "beta_2": 0.98, "clip_norm": 0.0}
BASE = Recipe(
    model={
        "num_layers": 22, "num_heads": 12, "hidden_dim": 768, "intermediate_dim": 1152,
        "max_length": 1024,
    },
    batch_size=4_608,
    steps=365_000,  # 1.7T tokens
    learning_rate=8e-4,
    warmup_steps=3_800,  # 3B tokens, at the 768 rows of the first steps
    optimizer=STABLE,
)  # fmt: skip
LARGE = dataclasses.replace(
    BASE,
    model={
        "num_layers": 28, "num_heads": 16, "hidden_dim": 1024, "intermediate_dim": 2624,
        "max_length": 1024,
    },
    batch_size=4_928,
    steps=337_000,
    learning_rate=5e-4,
    warmup_steps=4_400,  # 2B tokens, at 448 rows
)  # fmt: skip
PUBLISHED = {"base": BASE, "large": LARGE}
# (steps, parts of the batch): 768 rows at first and 4,608 after 46B tokens; 448 and 4,928 after
# 10B tokens.
BATCH_WARMUP = {
    "base": ((20_000, 6), (10_000, 3), (6_000, 2)),
    "large": ((7_200, 11), (2_600, 4), (1_300, 2)),
}
# The second phase: 250B tokens at a constant rate, then 50B of decay.
LONG = {
    "base": {"batch_size": 72, "learning_rate": 3e-4, "steps": 508_000, "decay_steps": 84_000},
    "large": {"batch_size": 77, "learning_rate": 5e-5, "steps": 475_000, "decay_steps": 79_000},
}
# Settings of other encoders that this one does not have.
FOREIGN = ("norm", "position_init")
SHORT_BASE, LONG_BASE = 10_000.0, 160_000.0


def modernbert(size: str, long_length: int = 8_192) -> ml_collections.ConfigDict:
    """Return the config of a size.

    Args:
        size: `smoke`, `demo`, `mini`, `small`, `base` or `large`; with `,long` the second phase,
            with `,causal` an early start on causal LM.
        long_length: Number of positions of the second phase.

    Raises:
        ValueError: There is no such size or option.
    """
    size, _, option = size.partition(",")
    if option not in ("", "long", "causal"):
        raise ValueError(f"option '{option}': there are long and causal")
    model = {
        "name": "modernbert", "dropout": 0.0, "window": 128, "global_every": 3,
        "global_base": LONG_BASE if option == "long" else SHORT_BASE, "local_base": SHORT_BASE,
    }  # fmt: skip
    masked = {"name": "masked_lm", "rate": 0.3, "unit": "token"}
    objectives = [{"name": "causal_lm"} if option == "causal" else masked]
    sizes = PUBLISHED | {name: _gated(recipe) for name, recipe in SMALL.items()}
    config = pretraining(size, sizes, model, objectives)
    for key in FOREIGN:
        delattr(config.model, key)
    if size in PUBLISHED:
        config.schedule.update(name="trapezoidal", decay="sqrt", decay_steps=0)
        config.batch_warmup = BATCH_WARMUP[size]
    if option == "long":
        config.model.max_length = long_length
        _lengthen(config, size)
    return config


def _gated(recipe: Recipe) -> Recipe:
    """Return a small recipe whose gated networks have as many weights as plain ones."""
    model = recipe.model
    inner = max(8, model["hidden_dim"] * 8 // 3 // 8 * 8)
    return dataclasses.replace(
        recipe, model=model | {"intermediate_dim": inner, "dropout": 0.0}, objectives={"rate": 0.3}
    )


def _lengthen(config: ml_collections.ConfigDict, size: str) -> None:
    """Set the batch, the rate and the schedule of the second phase."""
    if size not in PUBLISHED:
        config.batch_size = max(1, config.batch_size // 32)  # rows are longer by as much
        return
    phase = LONG[size]
    config.batch_warmup = ()
    config.batch_size, config.steps = phase["batch_size"], phase["steps"]
    config.optimizer.learning_rate = phase["learning_rate"]
    config.schedule.update(warmup_steps=0, decay_steps=phase["decay_steps"])
