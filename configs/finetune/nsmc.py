"""NSMC: is a film review positive?

    kortf finetune --config=configs/finetune/nsmc.py --data=data/nsmc --init_from=MODEL_DIR \\
        --workdir=DIR

Sizes: `smoke` and `demo` (seconds), `small` (models that two cores pretrain), `base`.
"""

import ml_collections

#        epochs batch rate   warm-up pooling
SIZES = {
    "smoke": (1, 32, 1e-3, 0.1, "max"),
    "demo": (3, 32, 1e-3, 0.1, "max"),
    "small": (2, 64, 3e-4, 0.1, "max"),
    "base": (5, 32, 3e-5, 0.0, "cls"),
}


def get_config(size: str = "small") -> ml_collections.ConfigDict:
    """The recipe at a size."""
    if size not in SIZES:
        raise ValueError(f"size '{size}': choose one of {', '.join(SIZES)}")
    epochs, batch, rate, warmup, pooling = SIZES[size]
    config = ml_collections.ConfigDict()
    config.seed = 0
    config.epochs = epochs
    config.batch_size = batch
    config.eval_batch_size = 256
    config.accumulate = 1
    config.max_length = 128
    config.dtype = "float32" if size == "smoke" else "mixed_bfloat16"
    config.reinitialize = False  # True trains from scratch: the same sizes, no pretrained weights
    config.dev_share = 0.05
    config.task = {"name": "nsmc", "pooling": pooling}
    config.model = {"dropout": 0.1}
    config.optimizer = {
        "name": "adamw",
        "learning_rate": rate,
        "weight_decay": 0.01,
        "clip_norm": 1.0,
    }
    config.schedule = {"name": "linear", "warmup_fraction": warmup}
    config.log_every = 100
    config.checkpoint_every = 1_000
    return config
