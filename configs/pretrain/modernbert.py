"""ModernBERT (Warner et al. 2024): masked LM on long rows, local and global attention.

    kortf records … --seq_length=1024
    kortf pretrain --config=modernbert:base --records=DIR --vocab=DIR --workdir=runs/short
    kortf records … --seq_length=8192
    kortf pretrain --config=modernbert:base,long --records=DIR --vocab=DIR \\
        --init_from=runs/short/model --workdir=runs/long

Sizes: `smoke` (seconds), `demo` (minutes), `mini` (about an hour on two cores), `small` (days on
two cores), `base` and `large` (published sizes and hyperparameters). `SIZE,long` is the second
phase: rows of 8,192 tokens, the rotary base of the global layers raised from 10,000 to 160,000, a
constant learning rate and a decay by `1 - sqrt`.

Records are packed, and a packed example attends to itself alone, so only padding at the end of a
row is computed in vain.

Score: not trained yet.

`base` and `large` differ from the published training: the batch warm-up has three stages where
it has many, weights of `large` are not tiled from `base`, and steps are counted in rows, not in
real tokens.
"""

import dataclasses

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
    warmup_steps=640,  # 3B tokens
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
)  # fmt: skip
PUBLISHED = {"base": BASE, "large": LARGE}
# What the other encoders take and this one has not.
FOREIGN = ("norm", "position_init")
SHORT_BASE, LONG_BASE = 10_000.0, 160_000.0


def get_config(size: str = "small"):
    """Return the config of a size: `size` or `size,long`."""
    size, _, option = size.partition(",")
    if option not in ("", "long"):
        raise ValueError(f"option '{option}': there is long")
    model = {
        "name": "modernbert", "dropout": 0.0, "window": 128, "global_every": 3,
        "global_base": LONG_BASE if option else SHORT_BASE, "local_base": 10_000.0,
    }  # fmt: skip
    objectives = [{"name": "masked_lm", "rate": 0.3, "unit": "token"}]
    sizes = PUBLISHED | {name: _gated(recipe) for name, recipe in SMALL.items()}
    config = pretraining(size, sizes, model, objectives)
    for key in FOREIGN:
        delattr(config.model, key)
    if size in PUBLISHED:
        _as_published(config, size, long=bool(option))
    elif option:
        config.model.max_length = 8192
    return config


def _gated(recipe: Recipe) -> Recipe:
    """Return a small recipe whose gated networks have as many weights as plain ones."""
    model = recipe.model
    inner = max(8, model["hidden_dim"] * 8 // 3 // 8 * 8)
    return dataclasses.replace(
        recipe, model=model | {"intermediate_dim": inner, "dropout": 0.0}, objectives={"rate": 0.3}
    )


def _as_published(config, size: str, long: bool) -> None:
    config.schedule.name = "trapezoidal"
    config.schedule.decay = "sqrt"
    config.schedule.decay_steps = 0
    if not long:
        # 768 rows at first, 4,608 after 50B tokens.
        config.batch_warmup = ((20_000, 6), (10_000, 3), (6_000, 2))
        return
    config.model.max_length = 8192
    config.batch_size = 72 if size == "base" else 77
    config.optimizer.learning_rate = 3e-4 if size == "base" else 5e-5
    config.steps = 508_000  # 250B tokens, then 50B of decay
    config.schedule.warmup_steps = 0
    config.schedule.decay_steps = 84_000
