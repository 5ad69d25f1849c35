"""Every key of a config declares its values, and another value is refused at that key."""

import inspect
import math
import re
import typing

import ml_collections
import pytest

from kortf import discovery, precision, ranges
from kortf.cli.flags.config_files import load_config, packaged
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.objectives.objective import Objective
from kortf.tasks import BENCHMARKS
from kortf.tasks.task import Task
from kortf.train.finetune_recipe import finetuning
from kortf.train.optim.optimizers import OPTIMIZERS
from kortf.train.optim.schedule import Schedule
from kortf.train.recipe import pretraining
from kortf.train.settings.identity import flatten
from kortf.train.settings.keys import check_config

PLUGINS = {"kortf.models": Encoder, "kortf.objectives": Objective, BENCHMARKS: Task}
CLASSES = [
    *(discovery.find(package, name, base) for package, base in PLUGINS.items()
      for name in discovery.names(package)),
    *OPTIMIZERS.values(),
    Schedule,
]  # fmt: skip


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_numeric_argument_of_a_plugin_declares_its_range(cls):
    declared = ranges.ranges_of(cls)
    for part in cls.__mro__:
        if "__init__" not in vars(part) or part.__module__.partition(".")[0] != "kortf":
            continue
        hints = typing.get_type_hints(part.__init__)
        for name in inspect.signature(part.__init__).parameters:
            kinds = {hints.get(name), *typing.get_args(hints.get(name))}
            if kinds & {int, float, bool} and not kinds & {str}:
                assert name in declared, f"{cls.__name__}.{name}"


def config_of(kind):
    if kind == "finetuning":
        return finetuning("smoke", {"name": "nsmc"}, {})
    return pretraining("smoke", {}, {"name": "bert"}, [{"name": "masked_lm"}])


def refused(config, key, value):
    """Assert that a config with another value is refused at its key."""
    config = config.copy_and_resolve_references()
    with config.ignore_type():
        if "objectives" in config:  # or the dicts would be changed in place
            config.objectives = [dict(each) for each in config.objectives]
        *parents, last = re.findall(r"[^.\[\]]+", key)
        part = config
        for name in parents:
            part = part[int(name) if name.isdecimal() else name]
        part[last] = value
    with pytest.raises(InputError) as caught:
        check_config(config)
    assert caught.value.parts[0].startswith(f"config.{key}="), (key, value, str(caught.value))


WRONG = {int: (-1, 2**40, math.nan, "1"), float: (math.nan, math.inf, -math.inf, "0.1"),
         bool: ("false", 2)}  # fmt: skip


@pytest.mark.parametrize(
    "name", [name for name in sorted(packaged()) if not name.startswith("clean")]
)
def test_every_number_and_truth_value_of_every_packaged_config_is_checked(name):
    _, config = load_config(f"{packaged()[name]}:smoke")
    check_config(config)
    checked = 0
    for key, value in flatten(config.to_dict()).items():
        if key.startswith(("search.", "batch_warmup")):
            continue  # of sweeps; `BatchWarmup` has tests of its own
        for wrong in WRONG.get(type(value), ()):
            refused(config, key, wrong)
            checked += 1
    assert checked > 40


@pytest.mark.parametrize(
    "kind, key, value",
    [
        ("pretraining", "optimizer.clip_norm", -1.0),
        ("pretraining", "optimizer.learning_rate", -1e-3),
        ("pretraining", "optimizer.beta_2", 1.0),
        ("pretraining", "optimizer.weight_decay", -0.1),
        ("pretraining", "optimizer.epsilon", 0.0),
        ("pretraining", "schedule.name", "lin"),
        ("pretraining", "optimizer.name", "adam"),
        ("pretraining", "log_every", 0),
        ("pretraining", "checkpoint_every", 0),
        ("pretraining", "accumulate", 0),
        ("pretraining", "batch_size", 0),
        ("pretraining", "batch_size", 2**21),
        ("pretraining", "steps", 0),
        ("pretraining", "dtype", "mixed_float16"),
        ("pretraining", "dtype", "float16"),
        ("pretraining", "objectives[0].unit", "wort"),
        ("pretraining", "objectives[0].rate", 0.0),
        ("finetuning", "epochs", 0),
        ("finetuning", "dev_share", 1.0),
        ("finetuning", "eval_batch_size", 0),
        ("finetuning", "max_length", 2),
        ("finetuning", "protocol", "honst"),
        ("finetuning", "label_smoothing", 1.0),
        ("finetuning", "label_smoothing", -0.1),
        ("finetuning", "r_drop", -1.0),
        ("finetuning", "fgm", -1.0),
        ("finetuning", "ema_decay", 1.0),
        ("finetuning", "distillation.weight", 1.5),
        ("finetuning", "optimizer.exclude", "("),
        ("finetuning", "optimizer.beta_1", 1.0),
        ("finetuning", "schedule.decay", "step"),
        ("finetuning", "schedule.power", 0.0),
        ("finetuning", "schedule.final_fraction", 1.5),
        ("finetuning", "schedule.decay_steps", -1),
        ("finetuning", "task.pooling", "avg"),
        ("finetuning", "task.hidden", "foo"),
        ("finetuning", "task.truncation", "last"),
        ("finetuning", "task.focal", -1.0),
    ],
)
def test_a_value_that_a_key_may_not_have_is_refused(kind, key, value):
    config = config_of(kind)
    if key.startswith("objectives"):
        config.objectives = [{"name": "masked_lm", "rate": 0.15, "unit": "token"}]
    refused(config, key, value)


@pytest.mark.parametrize(
    "task, key, value",
    [
        ("token_classification", "label_at", "last"),
        ("token_classification", "stride", 0),
        ("question_answering", "max_answer", 0),
        ("multiple_choice", "choices", 1),
        ("regression", "low", math.inf),
        ("embedding", "loss", "cosin"),
        ("embedding", "temperature", 0.0),
        ("hate_speech", "target", "insult"),
        ("text_classification", "poolin", "cls"),
    ],
)
def test_a_setting_that_a_task_does_not_take_is_refused(task, key, value):
    config = config_of("finetuning")
    config.task = {"name": task, key: value}
    with pytest.raises(InputError) as caught:
        check_config(config)
    assert caught.value.parts[0].startswith(f"config.task.{key}")


@pytest.mark.parametrize(
    "kind, change, place",
    [
        ("pretraining", {"objectives": []}, "config.objectives"),
        ("pretraining", {"objectives": [{"rate": 0.1}]}, "config.objectives[0].name"),
        ("pretraining", {"model": {"dropout": 0.1}}, "config.model.name"),
        ("finetuning", {"task": {"pooling": "cls"}}, "config.task.name"),
        ("finetuning", {"optimizer": {"learning_rate": 1e-3}}, "config.optimizer.name"),
    ],
)
def test_a_part_without_a_name_is_refused(kind, change, place):
    config = ml_collections.ConfigDict(config_of(kind).to_dict() | change)
    with pytest.raises(InputError) as caught:
        check_config(config)
    assert caught.value.parts[0] == place


@pytest.mark.parametrize("kind", ["pretraining", "finetuning"])
def test_the_dtype_fits_the_machine_unless_it_is_set(kind):
    config = config_of(kind)
    assert config.dtype in ("float32", precision.AUTO)
