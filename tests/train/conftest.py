"""Fixtures of the tests of training."""

import pytest

from kortf.cli.main import run_verb
from tests.train.matrix import PAIRING


@pytest.fixture(scope="session")
def records(sample, vocabulary_dir, records_dir, tmp_path_factory):
    """Pairing to records directory."""
    made = {"none": str(records_dir)}
    for pairing in PAIRING.values():
        made[pairing] = str(tmp_path_factory.mktemp(pairing))
        flags = {
            "input": f"{sample}/kowiki/*.txt", "vocab": vocabulary_dir, "output": made[pairing],
            "seq_length": 32, "shards": 2, "workers": 1, "pairing": pairing,
        }  # fmt: skip
        assert run_verb("records", [f"--{name}={value}" for name, value in flags.items()]) == 0
    return made
