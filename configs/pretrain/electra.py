"""ELECTRA (Clark et al. 2020): replaced token detection with a small generator.

    kortf pretrain --config=electra:base --records=DIR --vocab=DIR --workdir=DIR

Writes `model` (the discriminator, which is fine-tuned) and `model_generator`. Sizes: `smoke`,
`demo`, `mini`, `small`; `small14m` and `base` with published sizes and hyperparameters (14M and
110M weights).

`small14m` and `base` differ from the published training: the generator masks exactly the share
`rate`, not at most `max_predictions_per_seq` tokens a row. Layer-wise decay is used in fine-tuning
only, as in the published code.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

SMALL = Recipe(
    model={
        "num_layers": 12, "num_heads": 4, "hidden_dim": 256, "embedding_dim": 128,
        "max_length": 128,
    },
    batch_size=128,
    steps=1_000_000,
    learning_rate=5e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
)  # fmt: skip
BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=766_000,
    learning_rate=2e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
    objectives={"generator_size": 1 / 3},
)


def get_config(size: str = "small"):
    """Return the config of a size."""
    objectives = [{"name": "replaced_token", "rate": 0.15, "generator_size": 0.25, "weight": 50.0}]
    return pretraining(size, {"small14m": SMALL, "base": BASE}, {"name": "electra"}, objectives)
