import pytest

from kortf.cli import main as command_line

SOURCE = """
import ml_collections

def get_config(size="small"):
    if size not in ("small", "large"):
        raise ValueError(f"size '{size}': choose small or large")
    return ml_collections.ConfigDict(
        {"steps": 10, "model": {"dropout": 0.1}, "objectives": [{"name": "mlm", "rate": 0.15}]}
    )
"""


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "config.py"
    path.write_text(SOURCE)
    return path


def pretrain(capsys, *argv: str) -> str:
    """The one line that `kortf pretrain` ends with; the records are not there."""
    argv = [*argv, "--records=/no/records", "--vocab=/no/vocabulary", "--workdir=/no/workdir"]
    assert command_line.run(["pretrain", *argv]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1
    return err.removeprefix("kortf pretrain: ").rstrip("\n")


@pytest.mark.parametrize(
    "override, cure",
    [
        ("stepz", "did you mean '--config.steps'?"),
        ("model.droput", "did you mean '--config.model.dropout'?"),
        ("zzz.rate", "choose one of --config.model, --config.objectives, --config.steps"),
        ("objectives[0].rat", "did you mean '--config.objectives[0].rate'?"),
        ("objectives[1].rate", "--config.objectives has the parts 0 to 0"),
        ("steps.more", "--config.steps has no parts"),
    ],
)
def test_a_key_that_is_not_there_gets_the_nearest_one(config, override, cure, capsys):
    line = pretrain(capsys, f"--config={config}", f"--config.{override}=1")
    assert line == f"--config.{override}: the config has no such key; {cure}"


def test_a_value_of_another_type_is_named(config, capsys):
    line = pretrain(capsys, f"--config={config}", "--config.steps=many")
    assert line.startswith("--config.steps=many: invalid literal for int()")


def test_a_config_that_is_not_there_is_named(capsys):
    line = pretrain(capsys, "--config=none.py:small")
    assert line.startswith("--config=none.py: there is no such file")


def test_a_size_that_the_config_refuses_is_named(config, capsys):
    line = pretrain(capsys, f"--config={config}:huge")
    assert line.startswith(f"--config={config}:huge: size 'huge': choose small or large")


def test_right_overrides_pass_and_a_key_that_training_needs_is_named(config, capsys):
    overrides = ["--config.steps=1", "--config.objectives[0].rate=0.3", "--config.model.dropout=0"]
    line = pretrain(capsys, f"--config={config}:large", *overrides)
    assert line.startswith("config.seed: ")
