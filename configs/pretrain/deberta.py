"""DeBERTa-v3 (He et al. 2023): replaced tokens with disentangled attention; or masked LM.

    kortf pretrain --config=deberta:base --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke` (seconds), `demo` (minutes), `mini` (about an hour on two cores), `small` (days on
two cores), `base` (published size and hyperparameters). `SIZE,mlm` learns masked LM (DeBERTa-v2).

Score: not trained yet.

The discriminator adds a table of its own to the generator's token vectors, and no gradient of its
loss reaches the generator (gradient-disentangled embedding sharing); `model` holds the sum.

Masked pieces are predicted by an enhanced mask decoder (`enhanced_decoder`), by the generator as
well; model directories hold the encoders without it, and so without a vocabulary head.
"""

from kortf.train.recipe import SMALL, Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=8_192,
    steps=500_000,
    learning_rate=6e-4,
    warmup_steps=10_000,
    optimizer={"beta_2": 0.98},
)
OBJECTIVES = {
    "": {
        "name": "replaced_token", "rate": 0.15, "generator_size": 0.5, "weight": 50.0,
        "sharing": "disentangled", "enhanced_decoder": True,
    },
    "mlm": {"name": "masked_lm", "rate": 0.15, "unit": "token", "enhanced_decoder": True},
}  # fmt: skip
# What the other encoders take and this one has not.
FOREIGN = ("norm", "position_init")


def get_config(size: str = "small"):
    """Return the config of a size: `size` or `size,mlm`."""
    size, _, option = size.partition(",")
    if option not in OBJECTIVES:
        raise ValueError(f"option '{option}': there is mlm")
    model = {"name": "deberta", "num_segments": 0}
    # Small rows have fewer distances than the published 256 buckets a side.
    model["position_buckets"] = 32 if size in SMALL else 256
    config = pretraining(size, {"base": BASE}, model, [OBJECTIVES[option]])
    for key in FOREIGN:
        delattr(config.model, key)
    return config
