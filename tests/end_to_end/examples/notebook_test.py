"""The notebook of examples/ runs from an empty directory, at the smallest sizes."""

import os
import pathlib

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

ROOT = pathlib.Path(__file__).parents[3]
NOTEBOOK = ROOT / "examples" / "korean_bert_in_ten_minutes.ipynb"


def test_it_is_kept_without_outputs():
    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    assert all(not cell.get("outputs") for cell in cells if cell.cell_type == "code")


@pytest.mark.exhaustive
@pytest.mark.text
def test_every_cell_runs(installed, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{installed}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("KORTF_SIZE", "smoke")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=900, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert any("image/png" in output.get("data", {}) for output in outputs)
    assert (tmp_path / "runs" / "report" / "index.html").exists()
    assert "'label': " in "".join(o.get("data", {}).get("text/plain", "") for o in outputs)
