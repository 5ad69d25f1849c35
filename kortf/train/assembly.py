"""Make the optimizer, trainer and checkpoints that a config describes."""

import os
from collections.abc import Callable

import ml_collections
import tensorflow as tf

from kortf.errors import InputError
from kortf.train.loop.checkpoint import Checkpoints
from kortf.train.loop.step import StepOptions, Trainer
from kortf.train.optim.adversary import Adversary
from kortf.train.optim.layer_decay import layer_scales
from kortf.train.optim.optimizers import make_optimizer
from kortf.train.programs.program import Program
from kortf.train.settings.keys import given


def check_batch_size(config: ml_collections.ConfigDict, replicas: int) -> None:
    """Raise an InputError when replicas and accumulation cannot share the batch evenly."""
    parts = replicas * config.accumulate
    if config.batch_size % parts:
        raise InputError(
            f"config.batch_size={config.batch_size}",
            f"{replicas} replicas x config.accumulate={config.accumulate} do not divide it",
            f"choose a multiple of {parts}",
        )


def make_trainer(
    config: ml_collections.ConfigDict,
    program: Program,
    strategy: tf.distribute.Strategy,
    make_schedule: Callable[[float], Callable],
    jit_compile: bool = False,
) -> Trainer:
    """Make the optimizer that `config.optimizer` describes and the trainer that runs it.

    Args:
        config: Config with `optimizer`, `accumulate` and `seed`.
        program: Program to train.
        strategy: Strategy under whose scope the program was made.
        make_schedule: Maps the peak learning rate to the schedule.
        jit_compile: Whether XLA compiles the forward and backward pass as a whole.
    """
    settings = given(config.optimizer)
    learning_rate, clip_norm = settings.pop("learning_rate"), settings.pop("clip_norm")
    layer_decay, epsilon = settings.pop("layer_decay", 1.0), config.get("fgm", 0.0)
    if layer_decay != 1:
        settings["scales"] = layer_scales(program.trained(), program.encoder, layer_decay)
    settings["ema_decay"] = config.get("ema_decay", 0.0)
    with strategy.scope():
        optimizer = make_optimizer(variables=program.trained(), **settings)
    options = StepOptions(clip_norm, config.accumulate, config.seed, jit_compile)
    adversary = Adversary(program, epsilon) if epsilon else None
    return Trainer(program, optimizer, make_schedule(learning_rate), strategy, options, adversary)


def all_state(trainer: Trainer) -> dict[str, tf.Variable]:
    """Return all variables that a step changes, by name: weights and moments."""
    variables = {f"model/{name}": v for name, v in trainer.program.variables().items()}
    return variables | {f"optimizer/{name}": v for name, v in trainer.optimizer.state().items()}


def make_checkpoints(workdir: str, trainer: Trainer, keep: int, writes: bool = True) -> Checkpoints:
    """Return the checkpoints of a work directory: weights and moments."""
    return Checkpoints(os.path.join(workdir, "checkpoints"), all_state(trainer), keep, writes)


def weight_count(program: Program) -> int:
    """Return the number of weights, those that are frozen included."""
    return sum(int(tf.size(variable)) for variable in program.variables().values())
