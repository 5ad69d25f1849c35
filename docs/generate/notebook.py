"""Execute the notebook of examples/ and keep its outputs; make its page of the site.

python -m docs.generate.notebook          # execute in a new directory, with the kortf on the path
python -m docs.generate.notebook --check  # exit with status 1 if cells changed since

The file records the SHA-256 of the cells that ran. Outputs are small: progress and warnings on
stderr are dropped, long texts are cut in the middle.
"""

import base64
import hashlib
import json
import os
import pathlib
import re
import sys
import tempfile

PATH = "examples/korean_bert_in_ten_minutes.ipynb"
ROOT = pathlib.Path(__file__).parents[2]
LONGEST = 24  # lines of an output
CELL_SECONDS = 900


def execute(size: str = "demo", directory: str | None = None) -> dict:
    """Run every cell; return the notebook with its outputs.

    Args:
        size: Size of the configs, the value of KORTF_SIZE.
        directory: Working directory; a new temporary one if not given.
    """
    import nbclient
    import nbformat

    notebook = nbformat.read(ROOT / PATH, as_version=4)
    os.environ["KORTF_SIZE"] = size
    with tempfile.TemporaryDirectory() as made:
        resources = {"metadata": {"path": directory or made}}
        client = nbclient.NotebookClient(notebook, timeout=CELL_SECONDS, resources=resources)
        client.coalesce_streams = True
        client.execute()
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = [_small(each) for each in cell.outputs if each.get("name") != "stderr"]
    notebook.metadata = {"kernelspec": notebook.metadata.kernelspec}
    notebook.metadata["language_info"] = {"name": "python"}
    notebook.metadata["kortf"] = {"executed_cells": digest(notebook)}
    return notebook


def digest(notebook: dict) -> str:
    """Return the SHA-256 of the code: text between the cells may change without a run."""
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    sources = ["".join(cell["source"]) for cell in code]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def page(text: str) -> str:
    """Return the Markdown of a notebook with its outputs.

    Args:
        text: Content of the file.
    """
    parts = []
    for number, cell in enumerate(json.loads(text)["cells"]):
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        language = "bash" if source.startswith("%%bash") else "python"
        parts.append(f"```{language}\n{source.removeprefix('%%bash').strip()}\n```")
        for output in cell["outputs"]:
            if "image/png" in output.get("data", {}):
                parts.append(f"![output]({_image(number)})")
            elif shown := _text(output):
                parts.append(f"```text\n{shown.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"


def images() -> dict[str, bytes]:
    """Return path in the site and content of each image of the notebook."""
    cells = json.loads((ROOT / PATH).read_text(encoding="utf-8"))["cells"]
    return {
        f"tutorials/{_image(number)}": base64.b64decode(output["data"]["image/png"])
        for number, cell in enumerate(cells)
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    }


def _image(number: int) -> str:
    return f"notebook-{number}.png"


def _text(output: dict) -> str:
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", ""))


def _small(output: dict) -> dict:
    """Cut a long text output in the middle, and drop the text of an image."""
    if "image/png" in output.get("data", {}):
        output["data"] = {"image/png": output["data"]["image/png"].strip()}
    elif "text" in output:
        lines = re.sub(r"/\S*/(site-packages|tmp)\S*/", "", output["text"]).splitlines()
        if len(lines) > LONGEST:
            lines[LONGEST // 2 : -LONGEST // 2] = ["…"]
        output["text"] = "\n".join(lines) + "\n"
    return output


def main(arguments: list[str]) -> int:
    """Execute the notebook, or check that it is current; return the exit status."""
    path = ROOT / PATH
    if "--check" in arguments:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        return int(notebook["metadata"].get("kortf", {}).get("executed_cells") != digest(notebook))
    import nbformat

    nbformat.write(execute(), path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
