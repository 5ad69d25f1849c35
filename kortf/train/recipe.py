"""The keys of a pretraining config, and sizes that small machines train."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import ml_collections
from ml_collections import config_dict

from kortf.train.settings.distillation import PRETRAINING, distillation


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A published training, or one for a small machine.

    Args:
        model: Settings of the encoder.
        batch_size: Rows of the global batch.
        steps: Optimizer steps.
        learning_rate: Peak of the learning rate.
        warmup_steps: Steps before the peak.
        objectives: Settings that are changed in each objective that has them.
        optimizer: Settings of the optimizer that differ from the defaults.
        dtype: Keras dtype policy, or `auto` for the fastest on the device.
    """

    model: dict[str, Any]
    batch_size: int
    steps: int
    learning_rate: float
    warmup_steps: int
    objectives: dict[str, Any] = dataclasses.field(default_factory=dict)
    optimizer: dict[str, Any] = dataclasses.field(default_factory=dict)
    dtype: str = "auto"


def _sizes(layers: int, heads: int, dim: int, **others) -> dict[str, Any]:
    return {
        "num_layers": layers, "num_heads": heads, "hidden_dim": dim, "max_length": 128, **others
    }  # fmt: skip


# Settings for a few million tokens, on which the published hyperparameters do not converge.
# docs/log.md has the comparison.
FEW_TOKENS = {"norm": "pre", "dropout": 0.0, "init_scale": 0.06, "position_init": "sinusoidal"}
QUICK = {"beta_2": 0.98}
# The optimizer in the published code of BERT, ALBERT and ELECTRA divides no moment by 1 - beta**t.
AS_PUBLISHED = {"bias_correction": False}
MUON = {"name": "muon", **QUICK}

SMALL = {
    # Seconds: any records, any vocabulary, a model of a few thousand weights.
    "smoke": Recipe(_sizes(1, 2, 16), 4, 24, 1e-3, 2, dtype="float32"),
    # Minutes, on the sample.
    "demo": Recipe(_sizes(2, 4, 128, **FEW_TOKENS), 32, 300, 2e-3, 30, {"rate": 0.2}, QUICK),
    # About an hour on two cores.
    "mini": Recipe(_sizes(6, 4, 256, **FEW_TOKENS), 32, 4_000, 2e-3, 200, {"rate": 0.2}, MUON),
    # Days on two cores, hours on an accelerator.
    "small": Recipe(_sizes(6, 8, 512), 64, 100_000, 5e-4, 5_000),
}


# Objectives that learn better with other settings than Muon's (docs/log.md).
INSTEAD_OF_MUON = {"replaced_token": {"name": "adamw", "learning_rate": 5e-4}}


def pretraining(
    size: str,
    published: dict[str, Recipe],
    model: dict[str, Any],
    objectives: Sequence[dict[str, Any]],
    smoke: dict[str, Any] | None = None,
) -> ml_collections.ConfigDict:
    """Return the config of a pretraining at a size.

    Args:
        size: Key of `published`, or `smoke`, `demo`, `mini` or `small`.
        published: The recipe's own sizes, the largest last.
        model: Settings of the encoder at every size; `name` is its module in `kortf.models`.
        objectives: Objectives in their order, `{"name": …, setting: …}` each.
        smoke: Settings of the encoder at size `smoke` alone.

    Raises:
        ValueError: There is no such size.
    """
    recipes = SMALL | published
    if size not in recipes:
        raise ValueError(f"size '{size}': choose one of {', '.join(recipes)}")
    recipe = recipes[size]
    config = ml_collections.ConfigDict()
    config.seed = 0
    config.steps = recipe.steps
    config.batch_size = recipe.batch_size
    config.accumulate = 1
    # Smaller batches at first: (steps, parts) each: that many steps with one part of the batch.
    config.batch_warmup = ()
    config.dtype = recipe.dtype
    # All settings that a command line may change, with their defaults.
    usual = {
        "activation": "gelu", "norm": "post", "dropout": 0.1, "init_scale": 0.02,
        "position_init": "normal",
    }  # fmt: skip
    extra = (smoke or {}) if size == "smoke" else {}
    config.model = usual | model | recipe.model | extra
    config.objectives = [
        {**each, **{key: v for key, v in recipe.objectives.items() if key in each}}
        for each in objectives
    ]
    # With --teacher=DIR; docs/distillation.md describes it.
    config.distillation = distillation(PRETRAINING)
    config.student_layers = config_dict.placeholder(str)  # of the teacher to start from: 0,2,4
    config.optimizer = _optimizer(recipe, objectives)
    config.schedule = {"name": "linear", "warmup_steps": recipe.warmup_steps}
    config.log_every = max(1, min(100, recipe.steps // 10))
    config.eval_every = max(1, recipe.steps // 10)
    config.eval_batches = 50
    config.checkpoint_every = max(1, min(1_000, recipe.steps // 2))
    config.keep_checkpoints = 2
    return config


def _optimizer(recipe: Recipe, objectives: Sequence[dict[str, Any]]) -> dict[str, Any]:
    settings = {
        "name": "adamw",
        "learning_rate": recipe.learning_rate,
        "weight_decay": 0.01,
        "beta_2": 0.999,
        "epsilon": 1e-6,
        "clip_norm": 1.0,
        "bias_correction": True,
        **recipe.optimizer,
    }
    if recipe.optimizer == MUON:
        for each in objectives:
            settings.update(INSTEAD_OF_MUON.get(each["name"], {}))
    return settings
