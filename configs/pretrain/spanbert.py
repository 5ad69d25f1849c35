"""SpanBERT (Joshi et al. 2020): spans of words are masked and predicted from their borders.

    kortf pretrain --config=spanbert:half --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke`, `demo`, `mini`, `small`; `half` (12 x 384) and `full` (12 x 768), the two of a small
Korean SpanBERT. `spanbert:half,compatible` masks and predicts spans as that model does; the default
follows the paper. `full` has the paper's hyperparameters, bias correction included.
"""

from kortf.train.recipe import Recipe, pretraining

HALF = Recipe(
    model={
        "num_layers": 12, "num_heads": 6, "hidden_dim": 384, "intermediate_dim": 1536,
        "max_length": 512,
    },
    batch_size=32,
    steps=500_000,
    learning_rate=5e-5,
    warmup_steps=0,
    optimizer={"weight_decay": 0.0, "epsilon": 1e-8},
)  # fmt: skip
FULL = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=256,
    steps=2_400_000,
    learning_rate=1e-4,
    warmup_steps=10_000,
    optimizer={"weight_decay": 0.1, "epsilon": 1e-8},
)


def get_config(size: str = "small"):
    """Return the config of a size, `size` or `size,compatible`."""
    size, _, option = size.partition(",")
    if option not in ("", "compatible"):
        raise ValueError(f"option '{option}': there is only compatible")
    style = option or "faithful"
    objectives = [
        {"name": "masked_lm", "rate": 0.15, "unit": "span", "style": style},
        {"name": "span_boundary", "style": style},
    ]
    return pretraining(size, {"half": HALF, "full": FULL}, {"name": "bert"}, objectives)
