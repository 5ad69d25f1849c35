"""What each process of a cluster runs in the tests: a few steps of several recipes.

python -m tests.harness.train.worker RECORDS VOCABULARY OUTPUT
"""

import os
import sys

import numpy as np

from kortf.train.assembly import make_trainer
from kortf.train.inputs.pretraining_inputs import Sources, open_inputs
from kortf.train.loop.devices.cluster import Cluster, distribute
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.optim.schedule import make_schedule
from kortf.train.pretrain import make_program
from tests.harness.train.matrix import make_config

STEPS = 20
RECIPES = ("mlm", "rtd", "span_sbo")


def train(strategy, recipe: str, records: str, vocab: str) -> dict[str, np.ndarray]:
    """Weights by name after `STEPS` steps of AdamW in two micro-batches, gradients clipped."""
    config = make_config("bert", recipe)
    config.accumulate, config.optimizer.clip_norm = 2, 0.1
    inputs = open_inputs(config, Sources(records, vocab))
    program = make_program(config, inputs, strategy)
    trainer = make_trainer(config, program, strategy, lambda rate: make_schedule(rate, STEPS))

    def make(part):
        return inputs.batches(config, program.corrupt, 0, part)

    totals = trainer.train(iter(distribute(strategy, make)), 0, STEPS)
    assert totals["gradient_norm"][0] / STEPS > config.optimizer.clip_norm  # it was clipped
    return {f"{recipe}/{name}": v.numpy() for name, v in program.variables().items()}


def main(records: str, vocab: str, output: str) -> None:
    """Trains all recipes; the chief writes the weights."""
    strategy = make_strategy("multiworker")
    weights = {}
    for recipe in RECIPES:
        weights |= train(strategy, recipe, records, vocab)
    if Cluster(strategy).chief:
        np.savez(os.path.join(output, "weights.npz"), **weights)


if __name__ == "__main__":
    main(*sys.argv[1:])
