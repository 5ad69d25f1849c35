"""Short names and paths of configs, looked up in the user's directory and then in the package."""

import pathlib

import pytest

from kortf.cli.flags import config_files
from kortf.cli.flags.config_files import find_config, load_config, packaged, resolve_argv, sizes_of
from kortf.errors import InputError

BERT = str(packaged()["pretrain/bert"])


@pytest.mark.parametrize(
    "value, found",
    [
        ("bert", BERT),
        ("bert:mini", f"{BERT}:mini"),
        ("bert:mini,causal", f"{BERT}:mini,causal"),
        ("bert.py:mini", f"{BERT}:mini"),
        ("pretrain/bert:mini", f"{BERT}:mini"),
        ("configs/pretrain/bert.py:mini", f"{BERT}:mini"),
        ("elsewhere/configs/pretrain/bert.py", BERT),
    ],
)
def test_names_and_paths_of_packaged_configs(value, found, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config(value, "pretrain") == found
    assert find_config(value) == found


def test_a_file_of_the_user_wins(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = pathlib.Path("configs/pretrain/bert.py")
    own.parent.mkdir(parents=True)
    own.write_text("")
    assert find_config(f"{own}:mini", "pretrain") == f"{own}:mini"
    assert find_config("bert:mini", "pretrain") == f"{BERT}:mini"


@pytest.mark.parametrize(
    "value, kind, words",
    [
        ("brt:mini", "pretrain", "bert"),
        ("configs/pretrain/brt.py", "pretrain", "bert"),
        ("nsmc", "pretrain", "finetune"),
        ("zzzzzz", "finetune", "nsmc"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(value, kind, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError) as error:
        find_config(value, kind)
    place, _, cure = error.value.parts
    assert place == f"--config={value.partition(':')[0]}"
    assert words in str(error.value) and cure


def test_the_command_line_keeps_everything_else():
    argv = ["--config=bert:mini", "--config.steps=3", "--workdir=w", "name"]
    expected = [f"--config={BERT}:mini", "--config.steps=3", "--workdir=w", "name"]
    assert resolve_argv("pretrain", argv) == expected
    assert resolve_argv("pretrain", ["--config", "bert:mini"]) == [f"--config={BERT}:mini"]
    assert resolve_argv("pretrain", ["--", "--config=bert"]) == ["--", "--config=bert"]


@pytest.mark.parametrize("name", [name for name in packaged() if not name.startswith("clean/")])
def test_every_listed_size_loads(name):
    path = str(packaged()[name])
    module, config = load_config(path)
    assert config is None and "smoke" in sizes_of(module)
    for size in sizes_of(module):
        assert load_config(f"{path}:{size}")[1].batch_size > 0


def test_a_size_that_does_not_exist_is_named():
    with pytest.raises(InputError) as error:
        load_config(f"{BERT}:huge")
    assert error.value.parts[0] == f"{BERT}:huge"


def test_an_installed_folder_comes_before_the_checkout(tmp_path, monkeypatch):
    package = tmp_path / "kortf"
    (package / "configs" / "pretrain").mkdir(parents=True)
    (package / "configs" / "pretrain" / "own.py").write_text("")
    monkeypatch.setattr(config_files.kortf, "__file__", str(package / "__init__.py"))
    assert list(packaged()) == ["pretrain/own"]
