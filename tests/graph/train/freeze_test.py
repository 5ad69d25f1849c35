"""Frozen weights: which they are, that they stay, and that the others train as before."""

import doctest

import numpy as np
import pytest

from kortf import models
from kortf.errors import InputError
from kortf.train.optim import freeze
from kortf.train.optim.freeze import Freeze
from kortf.train.optim.variables import named_variables
from tests.harness.train.tiny import Run

pytestmark = pytest.mark.usefixtures("quick_graphs")

TWO = {"num_layers": 2}


def tiny(name, **sizes):
    sizes = {"num_heads": 2, "hidden_dim": 4, "max_length": 8, "num_layers": 2} | sizes
    return models.build(name, vocabulary_size=8, **sizes)


def test_example():
    flags = doctest.NORMALIZE_WHITESPACE
    known = vars(freeze) | {"bert": tiny("bert")}
    found = doctest.testmod(freeze, extraglobs=known, optionflags=flags)
    assert found.attempted and not found.failed


@pytest.mark.parametrize(
    "freeze, trained",
    [
        (Freeze(layers=1), ("layer_1/", "pooler/")),
        (Freeze(layers=2), ("pooler/",)),
        (Freeze(embeddings=True), ("/layers/", "pooler/")),
        (Freeze(), ("/",)),
    ],
)
def test_the_lowest_parts_are_frozen(freeze, trained):
    bert = tiny("bert")
    frozen = freeze.names(named_variables([bert]), bert)
    for name in named_variables([bert]):
        assert (name in frozen) != any(part in name for part in trained), name


def test_frozen_weights_stay_and_the_others_move_as_before():
    plain, frozen = (
        Run(model=TWO, optimizer__clip_norm=0.0, freeze_layers=layers) for layers in (0, 1)
    )
    before = frozen.weights()
    plain.train()
    frozen.train()
    trained = frozen.program.trained()
    assert len(trained) < len(before)
    for name, value in frozen.weights().items():
        if name not in trained:
            np.testing.assert_array_equal(value, before[name], err_msg=name)
        elif "key_bias" not in name:
            assert not np.array_equal(value, before[name]), name
            np.testing.assert_allclose(value, plain.weights()[name], atol=1e-6, err_msg=name)


def test_shared_layers_are_frozen_together_or_not_at_all():
    albert = tiny("albert")
    names = named_variables([albert])
    with pytest.raises(InputError, match="config.freeze_layers=1: "):
        Freeze(layers=1).names(names, albert)
    left = set(names) - Freeze(layers=2).names(names, albert)
    assert left and all("/pooler/" in name for name in left)


@pytest.mark.parametrize("options", [{"freeze_layers": 2}])
def test_what_cannot_be_frozen_is_refused(options):
    with pytest.raises(InputError, match="config.freeze_layers=2: "):
        Run(**options)
