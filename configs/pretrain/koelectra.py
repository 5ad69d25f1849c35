"""KoELECTRA v3: ELECTRA over a WordPiece vocabulary of 35,000 pieces, 512 tokens.

    kortf pretrain --config=configs/pretrain/koelectra.py:base --records=DIR --vocab=DIR \\
        --workdir=DIR

Published for 34 GB of text. Sizes: `smoke`, `demo`, `mini`; `small` (12 x 256, batch 512) and
`base` (12 x 768, batch 256) as published.
"""

from kortf.train.recipe import Recipe, pretraining

SMALL = Recipe(
    model={
        "num_layers": 12, "num_heads": 4, "hidden_dim": 256, "embedding_dim": 128,
        "max_length": 512,
    },
    batch_size=512,
    steps=800_000,
    learning_rate=5e-4,
    warmup_steps=10_000,
    objectives={"generator_size": 1.0},
)  # fmt: skip
BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=1_500_000,
    learning_rate=2e-4,
    warmup_steps=10_000,
    objectives={"generator_size": 1 / 3},
)


def get_config(size: str = "base"):
    """The recipe at a size."""
    objectives = [{"name": "replaced_token", "rate": 0.15, "generator_size": 0.25, "weight": 50.0}]
    return pretraining(size, {"small": SMALL, "base": BASE}, {"name": "electra"}, objectives)
