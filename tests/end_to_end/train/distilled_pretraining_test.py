"""Pretraining with a teacher: its losses, replicas, the start from its layers, and refusals."""

import numpy as np
import pytest
import tensorflow as tf

from kortf.errors import InputError
from tests.harness.train.matrix import Run, make_config

pytestmark = [pytest.mark.text, pytest.mark.usefixtures("quick_graphs")]

SEED = tf.constant([3, 4], tf.int32)


@pytest.fixture(scope="module")
def start(records, vocabulary_dir, tmp_path_factory):
    """Function that makes a run, and the teacher's directory."""
    teacher = str(tmp_path_factory.mktemp("teacher") / "model")

    def make(devices=0, recipe="mlm", teacher=teacher, seed=0, **options):
        config = make_config("bert", recipe)
        config.seed = seed
        config.student_layers = options.pop("student_layers", None)
        config.distillation.relation_heads = 2
        config.distillation.update(options)
        return Run(config, records["none"], str(vocabulary_dir), devices, teacher)

    make(teacher=None, seed=7).program.save(teacher)
    return make


def test_a_student_with_the_teachers_layers_has_nothing_to_learn_from_it(start):
    run = start(student_layers="0", relations=1.0)
    batch = next(iter(run.data))
    scores = run.program.score(batch, SEED)
    for name in ("soft_labels", "cosine", "relations"):
        total, number = scores.metrics[f"{name}_loss"]
        assert float(total / number) == pytest.approx(0.0, abs=1e-5), name
    plain = start(teacher=None, seed=7).program.score(batch, SEED)
    assert float(scores.losses["masked_lm"]) == pytest.approx(float(plain.losses["masked_lm"]))
    # An evaluation does not ask the teacher.
    assert run.program.score(batch, None).losses.keys() == {"masked_lm"}


@pytest.mark.exhaustive
def test_the_losses_are_weighted(start):
    alone = start(relations=1.0)
    batch = next(iter(alone.data))
    found = alone.program.score(batch, SEED)
    expected = {"soft_labels": 2.5, "cosine": 0.5, "relations": 1.0}
    for name, factor in expected.items():
        total = found.metrics[f"{name}_loss"][0]
        assert float(total) > 0
        assert float(found.losses[name]) == pytest.approx(factor * float(total), rel=1e-5)


@pytest.mark.exhaustive
def test_replicas_train_the_same_student(start):
    alone, shared = (start(devices, relations=1.0) for devices in (0, 2))
    np.testing.assert_allclose(shared.train(2), alone.train(2), rtol=1e-4)


def test_what_a_teacher_cannot_teach_is_refused(start, pretrained_dir):
    def refused(place, **options):
        with pytest.raises(InputError) as error:
            start(**options)
        assert str(error.value).startswith(place), error.value

    refused("config.student_layers=0: ", student_layers="0", teacher=None)
    refused("config.student_layers=1: ", student_layers="1")
    refused("config.distillation.relation_heads=3: ", relations=1.0, relation_heads=3)
    refused("config.distillation.relation_layer=1: ", relations=1.0, relation_layer=1)
    # Its 24 positions are fewer than the 32 of the records.
    refused(f"--teacher={pretrained_dir}: ", teacher=str(pretrained_dir))
