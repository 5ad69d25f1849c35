"""Fixtures of the tests of training."""

import pytest

from tests.prepared import PAIRINGS, make_records, prepared


@pytest.fixture(scope="session")
def records(request, vocabulary_dir, records_dir, tmp_path_factory):
    """Pairing to records directory."""
    made = {"none": str(records_dir)}
    for pairing in PAIRINGS[1:]:
        directory = prepared(pairing)
        if directory is None:
            directory = tmp_path_factory.mktemp(pairing)
            make_records(request.getfixturevalue("sample"), vocabulary_dir, directory, pairing)
        made[pairing] = str(directory)
    return made
