"""Every encoder with every objective that its attention allows, found by walking the folders."""

import pathlib

import numpy as np
import pytest

from kortf import discovery, models
from kortf.cli.main import run_verb
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.directory import from_pretrained
from kortf.train.assembly import make_checkpoints
from kortf.train.inputs.pretraining_inputs import Sources, open_inputs
from kortf.train.loop.checkpoint import RunState
from kortf.train.loop.devices.strategy import make_strategy
from kortf.train.pretrain import make_program
from kortf.train.recipe import pretraining
from tests.harness.train.matrix import (
    BIDIRECTIONAL,
    HEAVY,
    PAIRING,
    STEPS,
    Run,
    make_config,
    pairs,
)

pytestmark = pytest.mark.usefixtures("quick_graphs")  # there are many

CONFIGS = sorted((pathlib.Path(__file__).parents[3] / "configs/pretrain").glob("*.py"))
BY_COMMAND = ("electra", "reformer")  # run_test.py runs bert; `make test-all` the others


def assert_same(found: dict, expected: dict) -> None:
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        np.testing.assert_allclose(found[name], value, rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("encoder, recipe", pairs())
def test_trains(encoder, recipe, records, vocabulary_dir):
    run = Run(
        make_config(encoder, recipe), records[PAIRING.get(recipe, "none")], str(vocabulary_dir)
    )
    before = {name: v.numpy() for name, v in run.program.variables().items()}
    losses = run.train(STEPS)
    assert np.mean(losses[-2:]) < np.mean(losses[:2]), losses
    still = [n for n, v in run.program.variables().items() if (v.numpy() == before[n]).all()]
    # Without a pair head the pooler has no gradient; the bias of a key never has one.
    assert [n for n in still if "pooler" not in n and "key_bias" not in n] == []


@pytest.mark.parametrize("encoder, recipe", pairs(HEAVY))
def test_comes_back_and_agrees(encoder, recipe, records, vocabulary_dir, tmp_path):
    """Two replicas, a resumed run, a reloaded model and bfloat16 compute what one run computed."""
    directory, vocab = records[PAIRING.get(recipe, "none")], str(vocabulary_dir)
    config = make_config(encoder, recipe)
    run = Run(config, directory, vocab)
    losses = run.train(STEPS)
    both = Run(config, directory, vocab, devices=2)
    np.testing.assert_allclose(both.train(2), losses[:2], rtol=1e-5)
    trained = run.outputs()

    make_checkpoints(str(tmp_path), run.trainer, 1).save(RunState(step=STEPS))
    other = Run(config, directory, vocab)
    assert make_checkpoints(str(tmp_path), other.trainer, 1).restore_latest().step == STEPS
    assert_same(other.outputs(), trained)

    run.program.save(str(tmp_path / "model"))
    fresh = make_config(encoder, recipe)
    fresh.seed = 7
    reloaded = Run(fresh, directory, vocab)
    reloaded.data = run.data
    reloaded.program.load(str(tmp_path / "model"))
    assert_same(reloaded.outputs(), trained)

    half = Run(make_config(encoder, recipe, "mixed_bfloat16"), directory, vocab)
    half.data = run.data
    half.program.load(str(tmp_path / "model"))
    for name, value in half.outputs().items():
        if name.endswith("_loss"):
            np.testing.assert_allclose(value, trained[name], rtol=0.02, err_msg=name)
    assert half.gradients_are_finite()

    batch = next(iter(run.data))
    again = from_pretrained(str(tmp_path / "model"))(batch)["sequence"]
    np.testing.assert_allclose(again, run.program.encoder(batch)["sequence"], atol=1e-5)


@pytest.mark.parametrize(
    "encoder, objectives, reason",
    [
        ("gpt", [{"name": "masked_lm"}], "bidirectional"),
        ("gpt", [{"name": "replaced_token"}], "bidirectional"),
        ("gpt", [{"name": "masked_lm"}, {"name": "span_boundary"}], "bidirectional"),
        ("bert", [{"name": "causal_lm"}], "causal attention"),
        ("bert", [{"name": "masked_lm"}, {"name": "replaced_token"}], "two sets of masks"),
        ("bert", [{"name": "span_boundary"}], "which nothing before it provides"),
        ("bert", [{"name": "masked_lm"}, {"name": "sentence_order"}], "--pairing=sentence_order"),
    ],
)
def test_a_pair_that_makes_no_sense_is_refused(
    encoder, objectives, reason, records, vocabulary_dir
):
    config = pretraining("smoke", {}, {"name": encoder}, objectives)
    inputs = open_inputs(config, Sources(records["none"], str(vocabulary_dir)))
    with pytest.raises(InputError, match=reason):
        make_program(config, inputs, make_strategy("one"))


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(
            path, id=path.stem, marks=[] if path.stem in BY_COMMAND else [pytest.mark.exhaustive]
        )
        for path in CONFIGS
    ],
)
def test_every_config_trains(path, records, vocabulary_dir, tmp_path):
    flags = {
        "config": f"{path}:smoke", "records": records["none"], "vocab": vocabulary_dir,
        "workdir": tmp_path, "config.steps": 2, "config.schedule.warmup_steps": 1,
    }  # fmt: skip
    assert run_verb("pretrain", [f"--{name}={value}" for name, value in flags.items()]) == 0
    assert (tmp_path / "model" / "model.safetensors").exists()


def test_replaced_tokens_are_learned_at_a_rate_of_their_own_where_tokens_are_few():
    found = {}
    for recipe in ("mlm", "rtd"):
        config = pretraining("mini", {}, {"name": "bert"}, BIDIRECTIONAL[recipe])
        found[recipe] = (config.optimizer.name, config.optimizer.learning_rate)
    assert found == {"mlm": ("muon", 2e-3), "rtd": ("adamw", 5e-4)}


def test_there_are_encoders():
    assert set(discovery.names("kortf.models", Encoder)) >= {
        "albert", "bert", "causal_reformer", "electra", "gpt", "reformer",
    }  # fmt: skip
    assert not models.build("bert", vocabulary_size=9, num_layers=1, hidden_dim=12).causal
