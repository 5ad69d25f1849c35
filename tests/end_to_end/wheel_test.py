"""The wheel: reproducible, complete, and enough for the README's step by step."""

import os
import pathlib
import re
import shutil
import site
import subprocess
import sys
import zipfile

import pytest

ROOT = pathlib.Path(__file__).parents[2]
SOURCES = ("setup.py", "pyproject.toml", "README.md", "LICENSE", "kortf", "configs")


def build(directory: pathlib.Path) -> pathlib.Path:
    """Build a wheel from a copy of the sources, without the network."""
    source = directory / "source"
    source.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / name, source / name)
    subprocess.run(
        [
            sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index",
            "--no-build-isolation", f"--wheel-dir={directory}", str(source),
        ],
        check=True,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"},
    )  # fmt: skip
    (wheel,) = directory.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    pytest.importorskip("setuptools")
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """`bin` of a fresh environment with the wheel, over the packages of the running one."""
    environment = tmp_path_factory.mktemp("fresh") / "environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    # A plain path line: editable installations of the running environment stay out.
    (packages / "running.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    options = ["--no-deps", "--no-index", "--force-reinstall"]
    subprocess.run([*install, *options, wheel], check=True)
    return environment / "bin"


def run(installed, command, directory, **options) -> subprocess.CompletedProcess:
    environment = {**os.environ, "PATH": f"{installed}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, **options
    )


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


@pytest.mark.exhaustive
@pytest.mark.text
def test_the_readme_step_by_step_runs(installed, tmp_path):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(?:bash|sh|shell)\n(.*?)```", readme, re.DOTALL)
    (steps,) = [each for each in blocks if "kortf sample" in each and "kortf records" in each]
    steps = re.sub(r":(demo|mini|small|base)\b", ":smoke", steps)
    done = run(installed, ["bash", "-euo", "pipefail", "-c", steps], tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    for made in ("vocab", "records", "bert/model", "nsmc/model", "saved_model", "report"):
        assert any((tmp_path / "runs" / made).iterdir()), made
