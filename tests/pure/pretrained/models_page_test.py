"""`docs/models.md` lists exactly the models that the oracle tests compare."""

import pathlib
import re

from tests.harness.pretrained.published_models import MODELS, REFUSED

PAGE = pathlib.Path(__file__).parents[3] / "docs" / "models.md"


def rows() -> dict[str, list[str]]:
    lines = re.findall(r"^\| (\S+/\S+) \| (.*) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in lines}


def test_the_table_has_every_model_once():
    assert list(rows()) == [*MODELS, *REFUSED]


def test_the_model_types_are_those_of_the_configs():
    configs = {name: model[0] for name, model in {**MODELS, **REFUSED}.items()}
    for name, cells in rows().items():
        assert cells[0] == f"`{configs[name]['model_type']}`"
        assert (cells[1] == "not read (2)") == (name in REFUSED)
