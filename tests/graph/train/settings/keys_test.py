"""Every numeric key of a config has a range, and a value out of it is refused."""

import inspect
import typing

import pytest

from kortf import discovery, precision, ranges
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.objectives.objective import Objective
from kortf.train.finetune_recipe import finetuning
from kortf.train.optim.optimizers import OPTIMIZERS
from kortf.train.recipe import pretraining
from kortf.train.settings.identity import flatten
from kortf.train.settings.keys import RANGES, check_config

CLASSES = [
    *(discovery.find("kortf.models", name, Encoder) for name in discovery.names("kortf.models")),
    *(
        discovery.find("kortf.objectives", name, Objective)
        for name in discovery.names("kortf.objectives")
    ),
    *OPTIMIZERS.values(),
]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_numeric_argument_of_a_plugin_declares_its_range(cls):
    declared = ranges.ranges_of(cls)
    for part in cls.__mro__:
        if "__init__" not in vars(part) or part.__module__.partition(".")[0] != "kortf":
            continue
        hints = typing.get_type_hints(part.__init__)
        for name in inspect.signature(part.__init__).parameters:
            kinds = {hints.get(name), *typing.get_args(hints.get(name))}
            if kinds & {int, float}:
                assert name in declared, f"{cls.__name__}.{name}"


def config_of(kind):
    if kind == "finetuning":
        return finetuning("smoke", {"name": "nsmc"}, {})
    return pretraining("smoke", {}, {"name": "bert"}, [{"name": "masked_lm"}])


@pytest.mark.parametrize("kind", ["pretraining", "finetuning"])
def test_every_numeric_key_of_training_has_a_range(kind):
    config = config_of(kind)
    check_config(config)
    elsewhere = ("model.", "objectives", "task.")  # plug-ins declare theirs
    optimizer = {f"optimizer.{name}" for name in ranges.ranges_of(OPTIMIZERS["muon"])}
    known = {*RANGES, *optimizer, "schedule.warmup_steps"}
    for key, value in flatten(config.to_dict()).items():
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if numeric and not key.startswith(elsewhere):
            assert key in known, key


@pytest.mark.parametrize(
    "key, value",
    [
        ("optimizer.clip_norm", -1.0),
        ("optimizer.learning_rate", -1e-3),
        ("optimizer.learning_rate", float("nan")),
        ("optimizer.beta_2", 1.0),
        ("optimizer.weight_decay", -0.1),
        ("optimizer.epsilon", 0.0),
        ("schedule.warmup_steps", -1),
        ("log_every", 0),
        ("checkpoint_every", 0),
        ("eval_every", -1),
        ("accumulate", 0),
        ("batch_size", 0),
        ("steps", 0),
        ("seed", -1),
        ("seed", 2**32),
        ("dtype", "mixed_float16"),
        ("dtype", "float16"),
    ],
)
def test_a_value_out_of_range_is_refused(key, value):
    config = config_of("pretraining")
    config.update_from_flattened_dict({key: value})
    with pytest.raises(InputError, match=f"config.{key}"):
        check_config(config)


@pytest.mark.parametrize(
    "key, value", [("epochs", 0), ("dev_share", 1.0), ("eval_batch_size", 0), ("max_length", 2)]
)
def test_a_value_of_a_fine_tuning_out_of_range_is_refused(key, value):
    config = config_of("finetuning")
    config.update_from_flattened_dict({key: value})
    with pytest.raises(InputError, match=f"config.{key}"):
        check_config(config)


@pytest.mark.parametrize("kind", ["pretraining", "finetuning"])
def test_the_dtype_fits_the_machine_unless_it_is_set(kind):
    config = config_of(kind)
    assert config.dtype in ("float32", precision.AUTO)
