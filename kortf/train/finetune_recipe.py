"""The keys of a fine-tuning config, and the size that tests train.

For small data every config has `--config.optimizer.layer_decay`, `--config.label_smoothing`,
`--config.r_drop`, `--config.fgm` and `--config.ema_decay`, all off; docs/how-it-works.md describes
them. docs/finetuning.md describes how a step is chosen and what can be frozen.

Deviations from the papers: the loss with `r_drop` is half of that of Liang et al. (2021), so that
it stays a mean over reads; the token vectors that `fgm` moves are not normalized to mean 0 and
variance 1, as those of Miyato et al. (2017) are.
"""

import dataclasses

import ml_collections
from ml_collections import config_dict

from kortf.train.settings.distillation import FINETUNING, distillation

PARTS = ("train_file", "dev_file", "test_file")
# Further settings of optimizers and schedules; None leaves one to its default.
OPTIMIZER_DEFAULTS = {
    "beta_1": float, "beta_2": float, "epsilon": float, "exclude": str, "bias_correction": bool,
    "momentum": float, "matrices": str, "dtype": str,
}  # fmt: skip
SCHEDULE_DEFAULTS = {"final_fraction": float, "power": float, "decay_steps": int, "decay": str}


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A published fine-tuning, or one for a small model.

    Args:
        epochs: Passes over the train part.
        batch_size: Rows of the global batch.
        learning_rate: Peak of the learning rate.
        warmup_fraction: Share of the steps before the peak.
        pooling: `cls`, `mean` or `max`.
        weight_decay: Weight decay of the optimizer.
        dtype: Keras dtype policy, or `auto` for the fastest on the device.
        optimizer: `adamw`, `stable_adamw`, `lamb` or `muon`.
    """

    epochs: int
    batch_size: int
    learning_rate: float
    warmup_fraction: float = 0.1
    pooling: str = "cls"
    weight_decay: float = 0.01
    dtype: str = "auto"
    optimizer: str = "adamw"


# Seconds: any model directory.
SMOKE = Recipe(1, 32, 1e-3, dtype="float32")


def koelectra(epochs: int, batch_size: int = 32, learning_rate: float = 5e-5) -> Recipe:
    """Return the recipe of KoELECTRA's published scores (github.com/monologg/KoELECTRA)."""
    return Recipe(epochs, batch_size, learning_rate, 0.0, "cls", weight_decay=0.0)


def finetuning(
    size: str,
    task: dict,
    recipes: dict[str, Recipe],
    max_length: int = 128,
    pooled: bool = True,
    has_classes: bool = True,
) -> ml_collections.ConfigDict:
    """Return the config of a fine-tuning at a size.

    Args:
        size: Key of `recipes`, or `smoke`.
        task: `{"name": module in kortf.tasks, setting: value}`.
        recipes: Recipe of each size.
        max_length: Longest row in tokens.
        pooled: Whether the task's head reads one vector a text, and so has a pooling.
        has_classes: Whether a pooled task chooses one of several classes.

    Raises:
        ValueError: There is no such size.
    """
    recipes = {"smoke": SMOKE} | recipes
    if size not in recipes:
        raise ValueError(f"size '{size}': choose one of {', '.join(recipes)}")
    recipe = recipes[size]
    config = ml_collections.ConfigDict()
    config.seed = 0
    config.epochs = recipe.epochs
    config.batch_size = recipe.batch_size
    config.eval_batch_size = 256
    config.accumulate = 1
    config.max_length = max_length
    config.dtype = recipe.dtype
    config.reinitialize = False  # True trains from scratch: the same sizes, no pretrained weights
    config.protocol = "honest"
    config.dev_share = 0.05  # of the train part, where there is no dev part
    config.stratify = False  # True holds back the same share of each class
    config.folds = 0  # parts of the train part of which one is the dev part: see --folds
    config.fold = 0  # number of that part, from 0
    config.metric = config_dict.placeholder(str)  # score that chooses; None: the task's main one
    config.eval_every = 0  # steps between two evaluations; 0 evaluates after each epoch
    config.patience = 0  # evaluations without a better one that end the run; 0 trains all epochs
    config.keep_best = 1  # best steps that are kept; the others become model directories in `best`
    config.task = {part: config_dict.placeholder(str) for part in PARTS}  # None: as published
    if pooled:
        config.task.pooling = recipe.pooling
        config.task.hidden = config_dict.placeholder(str)  # None: as the model's family has it
        # longest_first, or second_first: the text of a pair that is truncated first
        config.task.truncation = config_dict.placeholder(str)
        if has_classes:
            config.task.class_weights = config_dict.placeholder(str)  # balanced, or 1,2.5,…
            config.task.focal = 0.0  # exponent of the focal loss, such as 2.0
    config.task.update(task)
    config.model = {"dropout": 0.1}
    # What may raise scores on small data, all off.
    config.label_smoothing = 0.0  # share of a label that all classes get, such as 0.1
    config.r_drop = 0.0  # weight of the divergence of two passes, such as 1.0
    config.fgm = 0.0  # length by which the token vectors of each text are moved, such as 1.0
    config.ema_decay = 0.0  # of the averages of the weights that are scored, such as 0.999
    config.freeze_layers = 0  # lowest layers that are not trained, and with them the embeddings
    config.freeze_embeddings = False
    # With --teacher=DIR; docs/distillation.md describes it.
    config.distillation = distillation(FINETUNING)
    config.student_layers = config_dict.placeholder(str)  # of the model to start from: 0,2,4
    config.optimizer = {
        "name": recipe.optimizer,
        "learning_rate": recipe.learning_rate,
        "weight_decay": recipe.weight_decay,
        "layer_decay": 1.0,  # of the learning rate, from the head down, such as 0.8
        "clip_norm": 1.0,
        **{name: config_dict.placeholder(kind) for name, kind in OPTIMIZER_DEFAULTS.items()},
    }
    config.schedule = {
        "name": "linear",
        "warmup_fraction": recipe.warmup_fraction,
        **{name: config_dict.placeholder(kind) for name, kind in SCHEDULE_DEFAULTS.items()},
    }
    rate = recipe.learning_rate
    # Values that `kortf sweep` tries: log, uniform or int LOW HIGH, or choice A B …
    config.search = {
        "optimizer": {"learning_rate": f"log {rate / 5:g} {rate * 5:g}"},
        "batch_size": f"choice {recipe.batch_size // 2} {recipe.batch_size}",
        "schedule": {"warmup_fraction": "choice 0.0 0.1 0.2"},
    }
    config.log_every = 100
    config.checkpoint_every = 1_000
    return config
