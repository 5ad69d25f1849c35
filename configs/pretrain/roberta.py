"""RoBERTa (Liu et al. 2019): BERT's encoder, masked LM alone, long training on large batches.

    kortf pretrain --config=roberta:base --records=DIR --vocab=DIR --workdir=DIR

Records without pairing, 512 tokens. Sizes: `smoke`, `demo`, `mini`, `small`, `base` (published
hyperparameters; Adam with bias correction, as published). Batches of 8,192 rows need
`--config.accumulate` on most machines, which changes nothing but the time.
"""

from kortf.train.recipe import Recipe, pretraining

BASE = Recipe(
    model={"num_layers": 12, "num_heads": 12, "hidden_dim": 768, "max_length": 512},
    batch_size=8192,
    steps=500_000,
    learning_rate=6e-4,
    warmup_steps=24_000,
    optimizer={"beta_2": 0.98, "clip_norm": 0.0},
)


def get_config(size: str = "small"):
    """Return the config of a size."""
    objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "token"}]
    return pretraining(size, {"base": BASE}, {"name": "bert", "num_segments": 1}, objectives)
