"""The catalogue has the files that the tasks read."""

import pytest

from kortf.download.catalogue import CATALOGUE
from kortf.download.source import Source
from kortf.tasks import build


@pytest.mark.parametrize("task", [t for t, s in CATALOGUE.items() if isinstance(s, Source)])
def test_the_names_are_those_that_tasks_read(task):
    source, reader = CATALOGUE[task], build(task)
    names = {file.name for file in source.files}
    wanted = [reader.train_file, reader.dev_file, reader.test_file]
    assert {name for part in wanted if part for name in part.split(",")} <= names
    for file in source.files:
        assert len(file.git_blob) == 40 and len(file.sha256 or "0" * 64) == 64
        assert (file.sha256 is None) == (file.bytes is None)
        address = source.address(file)
        assert address.startswith("https://") and address.isascii() and source.commit in address
