"""Layer-wise decay of the learning rate: each weight moves by the factor of its depth."""

import doctest

import numpy as np
import pytest

from kortf import discovery, models
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.train.optim import layer_decay
from kortf.train.optim.layer_decay import layer_scales
from tests.harness.train.tiny import Run

pytestmark = pytest.mark.usefixtures("quick_graphs")

DECAY = 0.5
# Where something stands in an encoder of two layers, to how far it is below the head.
BELOW = {
    "encoder/embedding/": 4, "encoder/embedding_projection/": 4, "encoder/layers/layer_0/": 3,
    "encoder/layers/embedding_norm/": 4, "encoder/layers/position": 4,
    "encoder/layers/layer_1/": 2, "encoder/layers/final_norm/": 1, "encoder/pooler/": 0,
    "classifier/": 0,
}  # fmt: skip


def tiny(name: str, **sizes):
    sizes = {"num_heads": 2, "hidden_dim": 4, "max_length": 8} | sizes
    return models.build(name, vocabulary_size=8, **sizes)


def expected(name: str) -> float:
    return next(DECAY**below for start, below in BELOW.items() if name.startswith(start))


KINDS_OF_DEPTH = ("albert",)  # shared layers and a projection


def test_example():
    known = vars(layer_decay) | {"bert": tiny("bert", num_layers=2)}
    found = doctest.testmod(layer_decay, extraglobs=known)
    assert found.attempted and not found.failed


@pytest.mark.parametrize(
    "encoder",
    [
        name if name in KINDS_OF_DEPTH else pytest.param(name, marks=pytest.mark.exhaustive)
        for name in discovery.names("kortf.models", Encoder)
    ],
)
def test_the_first_step_moves_each_weight_by_its_factor(encoder):
    """Adam's first step is as long whatever the gradient's length: only the factor differs."""
    moves = []
    for decay in (1.0, DECAY):
        known = discovery.arguments_of(discovery.find("kortf.models", encoder, Encoder))
        sizes = {"num_layers": 2, "embedding_dim": 4}
        sizes = {name: value for name, value in sizes.items() if name in known}
        run = Run(encoder=encoder, model=sizes, optimizer__layer_decay=decay)
        before = run.weights()
        run.train()
        moves.append({name: value - before[name] for name, value in run.weights().items()})
    shared = encoder == "albert"
    for name, move in moves[1].items():
        # Both layers of ALBERT have the same weights: 3 and 2 below the head.
        in_layer = shared and "/layer_0/" in name
        factor = (DECAY**3 + DECAY**2) / 2 if in_layer else expected(name)
        np.testing.assert_allclose(move, factor * moves[0][name], atol=2e-6, err_msg=name)
    still = [name for name, move in moves[1].items() if not np.abs(move).max()]
    assert [name for name in still if "pooler" not in name and "key_bias" not in name] == []


def test_groups_of_layers_get_the_mean_of_their_layers():
    names = [f"encoder/layers/layer_{i}/feed_forward/output_bias" for i in range(2)]
    shared = tiny("bert", num_layers=4, num_groups=2)
    low, high = layer_scales(names, shared, 0.9).values()
    assert low == pytest.approx((0.9**5 + 0.9**4) / 2)
    assert high == pytest.approx((0.9**3 + 0.9**2) / 2)


@pytest.mark.parametrize("decay", [0.0, -0.5, 1.5, float("nan")])
def test_a_decay_out_of_range_is_refused(decay):
    with pytest.raises(InputError, match="config.optimizer.layer_decay"):
        Run(optimizer__layer_decay=decay)


def test_a_weight_whose_depth_is_unknown_is_named():
    with pytest.raises(InputError, match="encoder/memory/table"):
        layer_scales(["encoder/memory/table"], tiny("bert", num_layers=1), 0.8)
