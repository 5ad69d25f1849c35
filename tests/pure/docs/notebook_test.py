"""The notebook of examples/: kept with the outputs of its own cells, and small."""

import json
import re

import pytest

from docs.generate import notebook

PATH = notebook.ROOT / notebook.PATH
NOTEBOOK = json.loads(PATH.read_text(encoding="utf-8"))
CELLS = NOTEBOOK["cells"]


def test_the_outputs_are_those_of_the_cells():
    assert notebook.main(["--check"]) == 0
    changed = {"cells": [{"cell_type": "code", "source": "1"}, *CELLS]}
    assert notebook.digest(changed) != notebook.digest(NOTEBOOK)


def test_every_cell_ran_without_an_error_in_order():
    code = [cell for cell in CELLS if cell["cell_type"] == "code"]
    assert [cell["execution_count"] for cell in code] == list(range(1, len(code) + 1))
    kinds = {output["output_type"] for cell in code for output in cell["outputs"]}
    assert kinds <= {"stream", "display_data", "execute_result"}
    assert len(notebook.images()) >= 2


def test_it_is_small_and_names_no_path_of_a_machine():
    text = PATH.read_text(encoding="utf-8")
    assert len(text) < 200_000
    sources = re.sub(r'"image/png": "[^"]*"', "", text)
    assert not re.search(r"/(home|tmp|root|work|usr)/", sources)


@pytest.mark.parametrize("lines, kept", [(5, 5), (100, 25)])
def test_long_outputs_are_cut_in_the_middle(lines, kept):
    text = "".join(f"{i}\n" for i in range(lines))
    shown = notebook._small({"name": "stdout", "text": text})["text"].splitlines()
    assert len(shown) == kept and shown[0] == "0" and shown[-1] == str(lines - 1)
    assert ("…" in shown) == (lines > kept)


def test_the_page_shows_commands_and_outputs():
    cells = [
        {"cell_type": "markdown", "source": ["# Title\n", "text"]},
        {"cell_type": "code", "source": "%%bash\nls", "outputs": [{"text": ["a\n", "b\n"]}]},
        {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": "2"}}]},
        {"cell_type": "code", "source": "x", "outputs": [{"data": {"image/png": "aaaa"}}]},
    ]
    assert notebook.page(json.dumps({"cells": cells})) == (
        "# Title\ntext\n\n```bash\nls\n```\n\n```text\na\nb\n```\n\n```python\n1 + 1\n```\n\n"
        "```text\n2\n```\n\n```python\nx\n```\n\n![output](notebook-3.png)\n"
    )
