"""The dtypes of a run: chosen by the device once, kept when the run continues elsewhere."""

import pytest

from kortf import files, precision
from kortf.train.recipe import pretraining
from kortf.train.settings.config import kept_dtypes, resolved, with_dtypes
from kortf.train.settings.identity import Identity, record_identity


@pytest.fixture
def device(monkeypatch):
    """Set whether the device has bfloat16 units."""

    def choose(fast):
        monkeypatch.setattr(precision, "bfloat16_support", lambda: (fast, "as the test says"))

    return choose


def config_of(optimizer="adamw", dtype="auto"):
    config = pretraining("smoke", {}, {"name": "bert"}, [{"name": "masked_lm"}])
    config.dtype, config.optimizer.name = dtype, optimizer
    return config


@pytest.mark.parametrize("fast, policy", [(True, "mixed_bfloat16"), (False, "float32")])
def test_auto_is_resolved_with_a_reason_for_the_products_of_muon_too(
    device, tmp_path, fast, policy
):
    device(fast)
    config, note = with_dtypes(config_of("muon"), str(tmp_path))
    assert config.dtype == policy and policy in note and "as the test says" in note
    assert config.optimizer.dtype == policy.removeprefix("mixed_")


def test_a_run_keeps_its_dtypes_on_another_machine(device, tmp_path):
    device(True)
    config, _ = with_dtypes(config_of("muon"), str(tmp_path))
    identity = Identity(resolved(config), {})
    record_identity(str(tmp_path / "config.json"), identity)
    device(False)
    again, _ = with_dtypes(config_of("muon"), str(tmp_path))
    assert again.dtype == "mixed_bfloat16" and again.optimizer.dtype == "bfloat16"
    record_identity(str(tmp_path / "config.json"), Identity(resolved(again), {}))
    written = files.read_json(str(tmp_path / "config.json"))["config"]
    assert written["dtype"] == "mixed_bfloat16"


def test_a_slow_choice_is_warned_about_and_kept(device, tmp_path):
    device(False)
    config, note = with_dtypes(config_of(dtype="mixed_bfloat16"), str(tmp_path))
    assert config.dtype == "mixed_bfloat16" and note.startswith("warning: ")
    _, note = with_dtypes(config_of(dtype="float32"), str(tmp_path))
    assert not note.startswith("warning")


def test_the_config_that_was_given_is_not_changed(device, tmp_path):
    device(False)
    given = config_of("muon")
    with_dtypes(given, str(tmp_path))
    assert given.dtype == "auto" and "dtype" not in given.optimizer


def test_runs_of_one_table_keep_the_dtypes_of_the_first(device, tmp_path):
    device(True)
    (tmp_path / "seed-1").mkdir()
    first, _ = with_dtypes(config_of("muon"), str(tmp_path / "seed-1"))
    record_identity(str(tmp_path / "seed-1" / "config.json"), Identity(resolved(first), {}))
    device(False)
    directories = [str(tmp_path / f"seed-{seed}") for seed in (0, 1, 2)]
    second = kept_dtypes(config_of("muon"), directories)
    assert second.dtype == "mixed_bfloat16" and second.optimizer.dtype == "bfloat16"
    assert kept_dtypes(config_of(), directories[:1]).dtype == "auto"
    assert kept_dtypes(config_of(dtype="float32"), directories).dtype == "float32"
