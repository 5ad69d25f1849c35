"""The script of `make cases`, without a folder of cases."""

from tests.cases.__main__ import main


def test_an_absent_folder_is_said_and_is_no_failure(tmp_path, capsys):
    assert main(str(tmp_path / "none")) == 0
    assert "nothing was run" in capsys.readouterr().out
