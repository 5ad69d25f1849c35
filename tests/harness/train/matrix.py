"""Every encoder with every objective: what the tests that walk them all have in common."""

import numpy as np
import pytest
import tensorflow as tf

from kortf import discovery
from kortf.models.encoder import Encoder
from kortf.train.assembly import make_trainer
from kortf.train.inputs.pretraining_inputs import Sources, open_inputs
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.loop.step import means
from kortf.train.optim.schedule import make_schedule
from kortf.train.pretrain import make_program
from kortf.train.recipe import pretraining

CAUSAL = {"causal_lm": [{"name": "causal_lm"}]}
BIDIRECTIONAL = {
    "mlm": [{"name": "masked_lm"}],
    "whole_word": [{"name": "masked_lm", "unit": "word"}],
    "ngram": [{"name": "masked_lm", "unit": "ngram"}],
    "span": [{"name": "masked_lm", "unit": "span"}],
    "span_sbo": [{"name": "masked_lm", "unit": "span"}, {"name": "span_boundary"}],
    "mlm_nsp": [{"name": "masked_lm"}, {"name": "next_sentence"}],
    "mlm_sop": [{"name": "masked_lm"}, {"name": "sentence_order"}],
    "rtd": [{"name": "replaced_token"}],
}
PAIRING = {"mlm_nsp": "next_sentence", "mlm_sop": "sentence_order"}
STEPS = 10


# Pairs that differ in what replicas, resuming, bfloat16 and reloading have to keep.
HEAVY = (("electra", "rtd"), ("causal_reformer", "causal_lm"))
# Recipes of BERT in `make test`: one of each objective and of each kind of unit.
SHOWN = ("mlm", "ngram", "span_sbo", "mlm_nsp", "rtd")


def pairs(chosen=None) -> list:
    """(encoder, recipe) of all modules in kortf/models; the pairs not chosen are exhaustive.

    Args:
        chosen: Pairs to run in `make test`; by default each encoder with its first recipe, and
            BERT with the recipes of `SHOWN`.
    """
    found = []
    for name in discovery.names("kortf.models", Encoder):
        causal = discovery.find("kortf.models", name, Encoder).causal
        recipes = CAUSAL if causal else BIDIRECTIONAL
        for recipe in recipes:
            core = recipe == next(iter(recipes)) or (name == "bert" and recipe in SHOWN)
            kept = core if chosen is None else (name, recipe) in chosen
            marks = [] if kept else [pytest.mark.exhaustive]
            found.append(pytest.param(name, recipe, id=f"{name}-{recipe}", marks=marks))
    return found


def make_config(encoder: str, recipe: str, dtype: str = "float32"):
    model = {"name": encoder, "dropout": 0.0, "init_scale": 0.1}
    objectives = (CAUSAL | BIDIRECTIONAL)[recipe]
    # Sharing shows with two layers; the others need but one.
    sizes = {"num_layers": 2 if encoder == "albert" else 1, "hidden_dim": 8}
    if "reformer" in encoder:
        model |= {"norm": "pre", "bucket_size": 8, "num_hashes": 2}
        # Hashing makes large graphs: a few of them will do.
        model["full_attention_length"] = 0 if recipe in ("mlm", "rtd", "causal_lm") else 32
    config = pretraining("smoke", {}, model, objectives, smoke=sizes)
    known = discovery.arguments_of(discovery.find("kortf.models", encoder, Encoder))
    config.model = {key: v for key, v in config.model.items() if key in ("name", *known)}
    config.batch_size, config.dtype, config.steps = 8, dtype, STEPS
    config.optimizer.learning_rate = 1e-2
    return config


_made: dict[tuple, tf.data.Dataset] = {}


def _batches(config, inputs, program) -> tf.data.Dataset:
    """Two batches of a recipe, made once: no encoder has a say in them."""
    recipe = repr([dict(each) for each in config.objectives])
    key = (recipe, inputs.sources.records, inputs.sources.vocab, config.batch_size, config.seed)
    if key not in _made:
        batches = list(inputs.batches(config, program.corrupt, 0).take(2))
        stacked = {name: tf.stack([batch[name] for batch in batches]) for name in batches[0]}
        _made[key] = tf.data.Dataset.from_tensor_slices(stacked)
    return _made[key]


class Run:
    """A tiny pretraining: program, trainer and a few batches over and over."""

    def __init__(self, config, records: str, vocab: str, devices: int = 0, teacher=None):
        self.inputs = open_inputs(config, Sources(records, vocab, teacher=teacher))
        self.strategy = make_strategy("mirrored" if devices else "one", devices)
        self.program = make_program(config, self.inputs, self.strategy)
        self.trainer = make_trainer(
            config, self.program, self.strategy, lambda rate: make_schedule(rate, STEPS)
        )
        self.data = _batches(config, self.inputs, self.program)

    def train(self, steps: int) -> list[float]:
        """The loss of each step."""
        distributed = self.strategy.experimental_distribute_dataset(self.data.repeat())
        batches, losses = iter(distributed), []
        for step in range(steps):
            losses.append(means(self.trainer.train(batches, step, 1))["loss"])
        return losses

    def outputs(self) -> dict[str, np.ndarray]:
        """All losses and metrics of the first batch, without dropout."""
        scores = self.program.score(next(iter(self.data)), None)
        found = {f"loss/{name}": loss.numpy() for name, loss in scores.losses.items()}
        return found | {name: total.numpy() for name, (total, _) in scores.metrics.items()}

    def gradients_are_finite(self) -> bool:
        """Whether each weight that takes part gets a finite float32 gradient."""
        variables = list(self.program.variables().values())
        with tf.GradientTape() as tape:
            scores = self.program.score(next(iter(self.data)), tf.constant([1, 2]))
            loss = tf.add_n(list(scores.losses.values()))
        gradients = [
            tf.convert_to_tensor(g) for g in tape.gradient(loss, variables) if g is not None
        ]
        assert {g.dtype for g in gradients} == {tf.float32}
        return all(bool(tf.reduce_all(tf.math.is_finite(g))) for g in gradients)
