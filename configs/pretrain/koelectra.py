"""KoELECTRA v3: ELECTRA with a WordPiece vocabulary of 35,000 pieces, rows of 512 tokens.

    kortf pretrain --config=koelectra:base --records=DIR --vocab=DIR --workdir=DIR

Published for 34 GB of text. Sizes: `smoke`, `demo`, `mini`; `small` (12 x 256, batch 512) and
`base` (12 x 768, batch 256) with published sizes and hyperparameters. Published scores on NSMC:
0.9063 (`base`), 0.8936 (`small`).

Differs from the published training as `electra` does.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

SMALL = Recipe(
    model={
        "num_layers": 12, "num_heads": 4, "hidden_dim": 256, "embedding_dim": 128,
        "max_length": 512,
    },
    batch_size=512,
    steps=800_000,
    learning_rate=5e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
    objectives={"generator_size": 1.0},
)  # fmt: skip
BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=1_500_000,
    learning_rate=2e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
    objectives={"generator_size": 1 / 3},
)


def get_config(size: str = "base"):
    """Return the config of a size."""
    objectives = [{"name": "replaced_token", "rate": 0.15, "generator_size": 0.25, "weight": 50.0}]
    return pretraining(size, {"small": SMALL, "base": BASE}, {"name": "electra"}, objectives)
