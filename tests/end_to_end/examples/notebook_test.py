"""The notebook of examples/ runs from an empty directory, at the smallest sizes."""

import os
import pathlib

import pytest

from docs.generate import notebook

pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")
pytestmark = [pytest.mark.exhaustive, pytest.mark.text]

ROOT = pathlib.Path(__file__).parents[3]


def test_every_cell_runs(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{installed}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    cells = notebook.execute("smoke", str(tmp_path)).cells
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert (tmp_path / "runs" / "report" / "index.html").exists()
    assert "'label': " in "".join(o.get("data", {}).get("text/plain", "") for o in outputs)
