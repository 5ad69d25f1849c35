"""Distillation: the program of each kind of task, replicas, and a student of chosen layers."""

import doctest

import ml_collections
import numpy as np
import pytest
import tensorflow as tf

from kortf import models, tasks
from kortf.errors import InputError
from kortf.layers import distillation as losses
from kortf.layers import taps
from kortf.train.assembly import make_trainer
from kortf.train.distillation import layer_pairs as pairs
from kortf.train.distillation.inside import Inside, probe
from kortf.train.distillation.layer_pairs import chosen_layers, layer_pairs
from kortf.train.distillation.student import load_layers, student_layers
from kortf.train.distillation.teacher import Teacher
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.distilled_finetuning import DistilledFinetuning
from kortf.train.settings.distillation import FINETUNING, distillation, recorded
from tests.harness.train.tiny import KINDS, ROWS, STEPS, Run, assert_same_weights, features

pytestmark = pytest.mark.usefixtures("quick_graphs")

SEED = tf.constant([3, 4], tf.int32)


def teach(run: Run, teacher: Run, **options) -> DistilledFinetuning:
    """Give a run a teacher."""
    frozen = Teacher(teacher.encoder, teacher.task, None, 12)
    options = {**{k: v for k, v in FINETUNING.items() if k != "layers"}, "layers": None} | options
    with run.strategy.scope():
        run.program = DistilledFinetuning(run.encoder, run.task, frozen, options)
    run.trainer = make_trainer(
        run.config, run.program, run.strategy, lambda rate: make_schedule(rate, STEPS, "constant")
    )
    return run.program


@pytest.mark.parametrize("module", [losses, pairs])
def test_examples(module):
    found = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert found.attempted and not found.failed


@pytest.mark.parametrize(
    "kind",
    [
        kind if kind in ("classes", "field") else pytest.param(kind, marks=pytest.mark.exhaustive)
        for kind in KINDS
    ],
)
def test_a_teacher_that_is_the_student_adds_nothing(kind):
    run = Run(kind)
    plain = run.program
    batch = {name: tf.constant(value) for name, value in features(kind).items()}
    weights = {"weight": 0.5, "hidden": 1.0, "attention": 1.0}
    scores = teach(run, run, **weights).score(batch, SEED)
    alone = float(plain.score(batch, SEED).losses["task"])
    assert float(scores.losses["task"]) == pytest.approx(0.5 * alone, rel=1e-5)
    for name in ("soft_labels", "hidden", "attention"):
        assert float(scores.losses[name]) == pytest.approx(0.0, abs=1e-3), name
    # From another teacher there is something to learn.
    for variable in run.encoder.trainable_variables:
        ramp = np.sin(np.arange(np.prod(variable.shape))).reshape(variable.shape)
        variable.assign(variable + 0.1 * ramp.astype(np.float32))
    teacher = Run(kind)
    scores = teach(run, teacher, **weights).score(batch, SEED)
    assert float(scores.losses["soft_labels"]) > 1e-3


@pytest.mark.exhaustive
def test_replicas_train_the_same_student():
    found = []
    for devices, accumulate in ((0, 1), (2, 2)):
        run = Run(devices=devices, accumulate=accumulate)
        teacher = Run(devices=devices, model={"hidden_dim": 16})
        teach(run, teacher, hidden=1.0)
        assert run.program.variables().keys() - named(run)  # the projection to the larger size
        for name, variable in run.program.variables().items():
            if name not in named(run):
                variable.assign(tf.ones_like(variable) * 0.1)
        before = [value.numpy() for value in teacher.program.variables().values()]
        run.train()
        after = teacher.program.variables().values()
        assert all(np.array_equal(a, b.numpy()) for a, b in zip(before, after, strict=True))
        found.append(run)
    assert_same_weights(*found)


def named(run: Run) -> set[str]:
    from kortf.train.optim.variables import named_variables

    return set(named_variables([run.encoder, run.task.head]))


def test_soft_labels_of_a_field_are_its_marginals():
    run, teacher = Run("field"), Run("tags")
    batch = {name: tf.constant(value) for name, value in features("field").items()}
    scores = run.program._predict(batch, None)
    mask = batch["labels"] >= 0
    soft = run.task.soft_labels(scores, batch["labels"], 1.0)
    np.testing.assert_array_equal(soft, run.task.head.crf.marginals(scores, mask))
    cooler = run.task.soft_labels(scores, batch["labels"], 4.0).numpy()
    tagged = mask.numpy()
    assert cooler[tagged].max() < soft.numpy()[tagged].max()
    # A student without a field learns them as well.
    loss = teacher.task.soft_loss(scores, soft, batch["labels"], 1.0)
    assert loss.shape == (ROWS,) and (loss.numpy() >= -1e-5).all()


def test_layers_are_paired():
    assert layer_pairs(None, 2, 2) == [(0, 0), (1, 1)]
    assert chosen_layers("1, 3", 4) == [1, 3]
    for text in ("0:12", "a", "3:1"):
        with pytest.raises(InputError, match=f"config.distillation.layers={text}: "):
            layer_pairs(text, 3, 12)
    for text in ("4", "1,0", "1,1", "x"):
        with pytest.raises(InputError, match=f"config.student_layers={text}: "):
            chosen_layers(text, 4)


def test_a_student_begins_with_chosen_layers(pretrained_dir):
    settings = {"num_layers": 2, "num_heads": 2, "hidden_dim": 16, "max_length": 24}
    from kortf.pretrained.directory.directory import from_pretrained

    teacher = from_pretrained(str(pretrained_dir))
    student = models.build(
        "bert", **settings | {"num_layers": 1},
        vocabulary_size=teacher.settings["vocabulary_size"],
    )  # fmt: skip
    load_layers(student, str(pretrained_dir), student_layers("1", settings))
    theirs = {v.path.partition("/")[2]: v.numpy() for v in teacher.trainable_variables}
    for variable in student.trainable_variables:
        name = variable.path.partition("/")[2].replace("layer_0/", "layer_1/")
        if not name.startswith("pooler/"):  # which a masked LM does not save
            np.testing.assert_array_equal(variable.numpy(), theirs[name], err_msg=name)
    with pytest.raises(InputError, match="share their weights"):
        student_layers("0", settings | {"num_groups": 1})
    with pytest.raises(InputError, match="config.student_layers=1,3: "):
        student_layers("1,3", {"num_layers": 6, "global_every": 3})


@pytest.mark.parametrize("name", ["bert", "albert", "electra", "deberta", "modernbert"])
def test_encoders_report_their_layers(name):
    sizes = {"num_heads": 2, "hidden_dim": 8, "max_length": 8, "num_layers": 2}
    encoder = models.build(name, vocabulary_size=9, **sizes)
    found = probe(encoder)
    assert [value.shape for value in found["layer"]] == [(1, 4, 8)] * 2
    if name != "modernbert":
        assert [value[0].shape for value in found["attention"]] == [(1, 2, 4, 4)] * 2
    with taps.collecting() as later:
        pass
    assert later == {}


def test_what_cannot_be_compared_is_refused():
    few, many = (Run(model={"num_heads": heads}) for heads in (2, 4))
    with pytest.raises(InputError, match="config.distillation.attention: "):
        Inside(few.encoder, many.encoder, {"attention": 1.0}, None)
    deep = models.build("bert", vocabulary_size=9, num_layers=1, num_heads=2, hidden_dim=8,
                        max_length=8, remat=True)  # fmt: skip
    with pytest.raises(InputError, match="config.model.remat=True: "):
        Inside(deep, few.encoder, {"hidden": 1.0}, None)
    config = ml_collections.ConfigDict({"distillation": distillation(FINETUNING)})
    assert recorded(config, None, FINETUNING) == {}
    config.distillation.weight = 0.9
    with pytest.raises(InputError, match="config.distillation.weight: "):
        recorded(config, None, FINETUNING)
    assert recorded(config, "t", FINETUNING)["distillation"]["weight"] == 0.9
    assert tasks.build("nsmc").not_distilled == ""
