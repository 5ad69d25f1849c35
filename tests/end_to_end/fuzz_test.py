"""A short deterministic run of `make fuzz`, and the fuzzer's own power to find faults."""

import pytest

from tests.fuzz import run
from tests.fuzz.mutation import mutate
from tests.fuzz.targets import targets

COUNT = 150


@pytest.mark.text
@pytest.mark.exhaustive
@pytest.mark.parametrize("name", sorted(targets()))
def test_mutated_input_is_read_or_refused(name):
    assert run.fuzz([name], 0, COUNT) == []


@pytest.mark.parametrize(
    "name", ["pickle", "zip", "safetensors", "index", "corpus", "config.json", "request"]
)
def test_unchanged_input_is_read(name, tmp_path):
    target = targets()[name]
    for number, seed in enumerate(target.seeds()):
        place = tmp_path / str(number)
        place.mkdir()
        if not seed.startswith(b"PK") or name == "zip":  # archives are refused as a corpus
            target.read(place, seed)


def test_mutations_are_deterministic_and_differ():
    seeds = [b'{"a": [1, 2, {"b": null}]}', b"plain text\n" * 5]
    found = [mutate(seeds, seed) for seed in range(50)]
    assert found == [mutate(seeds, seed) for seed in range(50)]
    assert len(set(found)) > 25


def test_a_reader_that_fails_is_reported(tmp_path):
    def read(directory, data):
        raise KeyError("x")

    assert "KeyError" in run._problem(read, b"", str(tmp_path))
    assert run._problem(lambda directory, data: None, b"", str(tmp_path)) is None
