"""A wheel of the sources, built and installed without the network."""

import os
import pathlib
import shutil
import site
import subprocess
import sys

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


def install(wheel: pathlib.Path, environment: pathlib.Path) -> pathlib.Path:
    """Install a wheel into a new environment, over the packages of this one; return its `bin`."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    (packages,) = environment.glob("lib/python*/site-packages")
    # A plain path line: editable installations of the running environment stay out.
    (packages / "running.pth").write_text("\n".join(site.getsitepackages()) + "\n")
    python = environment / "bin" / "python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
    options = ["--no-deps", "--no-index", "--force-reinstall"]
    subprocess.run([*command, *options, wheel], check=True)
    return environment / "bin"


def run(installed, command, directory, **options) -> subprocess.CompletedProcess:
    """Run a command with the `bin` of an installed wheel first on the path."""
    environment = {**os.environ, "PATH": f"{installed}:{os.environ['PATH']}"}
    environment.pop("PYTHONPATH", None)
    return subprocess.run(
        command, cwd=directory, env=environment, capture_output=True, text=True, **options
    )
