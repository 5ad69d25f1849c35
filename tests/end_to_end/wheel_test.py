"""The wheel: reproducible, complete, and enough to find every config."""

import pathlib
import zipfile

from tests.harness.wheel import build, run

ROOT = pathlib.Path(__file__).parents[2]


def test_two_builds_have_the_same_bytes(wheel, tmp_path):
    assert build(tmp_path).read_bytes() == wheel.read_bytes()


def test_the_wheel_holds_every_module_and_config(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    modules = {str(path.relative_to(ROOT)) for path in (ROOT / "kortf").rglob("*.py")}
    configs = {f"kortf/{path.relative_to(ROOT)}" for path in (ROOT / "configs").rglob("*.py")}
    assert modules | configs | {"kortf/py.typed"} <= names
    strangers = {name for name in names if name.split("/")[0].split("-")[0] != "kortf"}
    assert strangers == set()


def test_configs_are_found_from_an_empty_directory(installed, tmp_path):
    for value in ("bert:mini", "pretrain/bert:mini", "configs/pretrain/bert.py:mini"):
        done = run(installed, ["kortf", "configs", value, "--resolved"], tmp_path)
        assert done.returncode == 0 and "hidden_dim: 256" in done.stdout, done.stderr
    done = run(
        installed, [installed / "python", "-c", "import kortf.configs.pretrain.bert"], tmp_path
    )
    assert done.returncode == 0, done.stderr
    listed = run(installed, ["kortf", "configs"], tmp_path).stdout
    assert "nsmc" in listed and "lm_kor" in listed
