"""Modules of the training path load where only TensorFlow is installed."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).parents[2]
TRAINING_PATH = ("train", "models", "objectives")


def test_training_loads_neither_text_ops_nor_torch():
    """On the TPU's TensorFlow, tensorflow_text and keras_hub cannot even be imported."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in TRAINING_PATH
        for path in sorted((ROOT / "kortf" / package).rglob("*.py"))
    ]
    assert len(names) > len(TRAINING_PATH)
    program = (
        "import importlib, sys\n"
        f"for name in {names}: importlib.import_module(name)\n"
        "bad = {'tensorflow_text', 'keras_hub', 'transformers', 'torch'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {sorted(bad)}' if bad else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
