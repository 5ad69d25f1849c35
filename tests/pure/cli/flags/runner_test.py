"""`--runner` of the verbs that Apache Beam can spread: what cannot run is one line."""

import sys

import pytest

from kortf.cli.main import run

ARGUMENTS = {
    "records": ["records", "--input=a.txt", "--vocab=vocab", "--output=out"],
    "clean": ["clean", "--input=a.txt", "--output=out"],
}
VERBS = pytest.mark.parametrize("verb", sorted(ARGUMENTS))


@VERBS
def test_a_runner_needs_beam(verb, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "apache_beam", None)
    assert run([*ARGUMENTS[verb], "--runner=DirectRunner"]) == 2
    assert "pip install 'kortf[beam]'" in capsys.readouterr().err


@VERBS
def test_options_of_no_runner_are_refused(verb, capsys):
    assert run([*ARGUMENTS[verb], "--", "--parallelism=2"]) == 2
    error = capsys.readouterr().err
    assert "'--parallelism=2': is not a flag" in error and f"kortf {verb} --help" in error
