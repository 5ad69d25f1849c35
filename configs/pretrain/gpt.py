"""GPT-2's transformer (Radford et al. 2019), causal LM.

    kortf pretrain --config=gpt:base --records=DIR --vocab=DIR --workdir=DIR
    kortf generate --model=WORKDIR/model --prompt='세종대왕은' --top_p=0.9

Sizes: `smoke`, `demo`, `mini`, `small`, `base` (12 x 768, 1,024 tokens). GPT-2's batch size,
steps and learning rate are not published: those of `base` are usual choices for its size.
"""

from kortf.train.recipe import Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 1024},
    batch_size=512,
    steps=300_000,
    learning_rate=6e-4,
    warmup_steps=2_000,
    optimizer={"beta_2": 0.95, "weight_decay": 0.1},
)
MODEL = {"name": "gpt", "activation": "gelu_tanh", "norm": "pre", "num_segments": 0}


def get_config(size: str = "small"):
    """Return the config of a size."""
    return pretraining(size, {"base": BASE}, MODEL, [{"name": "causal_lm"}])
