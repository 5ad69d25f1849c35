"""BERT (Devlin et al. 2019): masked LM, with next sentence prediction where the records have pairs.

    kortf pretrain --config=configs/pretrain/bert.py:base --records=DIR --vocab=DIR --workdir=DIR

Sizes: `smoke` and `demo` (seconds, minutes), `mini` and `small` (two cores), `base` (as published).
"""

import ml_collections

#        layers heads dim   batch  steps    rate   warmup
SIZES = {
    "smoke": (1, 2, 16, 4, 24, 1e-3, 2),
    "demo": (2, 4, 128, 32, 300, 2e-3, 30),
    "mini": (6, 4, 256, 32, 5_000, 2e-3, 200),
    "small": (6, 8, 512, 64, 100_000, 5e-4, 5_000),
    "base": (12, 12, 768, 256, 1_000_000, 1e-4, 10_000),
}
# What a few million tokens ask for, where a published recipe would not leave the ground.
# docs/results.md has the comparison.
SHORT = {
    "norm": "pre",
    "dropout": 0.0,
    "init_scale": 0.06,
    "position_init": "sinusoidal",
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """The recipe at a size, `size` or `size,nsp` for masked LM with next sentence prediction."""
    size, _, option = size.partition(",")
    if size not in SIZES:
        raise ValueError(f"size '{size}': choose one of {', '.join(SIZES)}")
    layers, heads, dim, batch, steps, rate, warmup = SIZES[size]
    config = ml_collections.ConfigDict()
    config.seed = 0
    config.steps = steps
    config.batch_size = batch
    config.accumulate = 1
    config.dtype = "float32" if size == "smoke" else "mixed_bfloat16"
    config.model = {
        "name": "bert",
        "num_layers": layers,
        "num_heads": heads,
        "hidden_dim": dim,
        "max_length": 512 if size == "base" else 128,
        "activation": "gelu",
        "norm": "post",
        "dropout": 0.1,
        "init_scale": 0.02,
        "position_init": "normal",
    }
    mask_rate = 0.15
    if size in ("mini", "demo"):
        config.model.update(SHORT)
        mask_rate = 0.2
    objectives = [{"name": "masked_lm", "rate": mask_rate, "unit": "token"}]
    if option == "nsp":
        objectives.append({"name": "next_sentence"})
    config.objectives = objectives
    config.optimizer = {
        "name": "adamw",
        "learning_rate": rate,
        "weight_decay": 0.01,
        "beta_2": 0.999,
        "clip_norm": 1.0,
    }
    config.schedule = {"name": "linear", "warmup_steps": warmup}
    config.log_every = max(1, min(100, steps // 10))
    config.eval_every = max(1, steps // 10)
    config.eval_batches = 50
    config.checkpoint_every = max(1, min(1_000, steps // 2))
    config.keep_checkpoints = 2
    return config
