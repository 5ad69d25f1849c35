"""`kortf configs`: the list, a file, the values at a size."""

import pytest
import yaml

from kortf.cli.flags.config_files import packaged
from kortf.cli.main import run


def test_the_list_has_names_sizes_and_a_line_of_each(capsys):
    assert run(["configs"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for name in packaged():
        (line,) = [line for line in lines if line.split()[:1] == [name.split("/")[1]]]
        assert len(line.split()) > 3
    (bert,) = [line for line in lines if line.split()[:1] == ["bert"]]
    assert bert.split()[1] == "smoke,demo,mini,small,base"


def test_a_name_prints_the_file(capsys):
    assert run(["configs", "bert"]) == 0
    assert capsys.readouterr().out == packaged()["pretrain/bert"].read_text(encoding="utf-8")


def test_resolved_prints_the_values(capsys):
    assert run(["configs", "bert:mini", "--resolved"]) == 0
    values = yaml.safe_load(capsys.readouterr().out)
    assert values["model"]["hidden_dim"] == 256 and values["objectives"][0]["name"] == "masked_lm"


@pytest.mark.parametrize("argv", [["brt"], ["--resolved"], ["bert:huge", "--resolved"]])
def test_bad_names_are_one_line(argv, capsys):
    assert run(["configs", *argv]) == 2
    assert capsys.readouterr().err.count("\n") == 1
