"""LM-kor's electra-kor-base: ELECTRA-base, 512 tokens, batch 256.

    kortf vocab --input=… --output=vocab --size=42000 --unused=2000 --lowercase --remove=hanja,emoji
    kortf records --input=… --vocab=vocab --output=records --seq_length=512
    kortf pretrain --config=electra_kor:base --records=records --vocab=vocab --workdir=DIR

Published for 70 GB of text; published score on NSMC: 0.9129. Sizes: `smoke`, `demo`, `mini`,
`small`, `base`, which differs from the published training as `electra` does.
"""

from kortf.train.recipe import AS_PUBLISHED, Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=1_900_000,
    learning_rate=2e-4,
    warmup_steps=10_000,
    optimizer=AS_PUBLISHED,
    objectives={"generator_size": 1 / 3},
)


def get_config(size: str = "base"):
    """Return the config of a size."""
    objectives = [{"name": "replaced_token", "rate": 0.15, "generator_size": 0.25, "weight": 50.0}]
    return pretraining(size, {"base": BASE}, {"name": "electra"}, objectives)
