"""Cleaning on many machines: the bytes of a local run, whatever the runner does with the elements.

The small runner below groups by key as Apache Beam does. Beam itself is in `beam_test`.
"""

import collections
import functools
import pickle
import random

import numpy as np
import pytest

from kortf.clean.passes.grouping import _rows_by
from kortf.errors import InputError
from tests.pure.clean.clean_test import clean, contents  # noqa: F401
from tests.pure.clean.near_test import changed, text_of


def build_one(arguments, make_builder, job):
    builder = make_builder(**arguments, advance=lambda *done: None)
    if not builder.is_done(job[0]):
        builder.build(*job)


class Grouping:
    """A runner that carries each step and element by pickle, does some elements twice, and gives
    elements and grouped values in any order."""

    def __init__(self, seed: int):
        self.rng = random.Random(seed)

    def unpack(self, text_files, spool, directory):
        pass

    def run_jobs(self, jobs, arguments, make_builder):
        build = functools.partial(build_one, arguments, make_builder)
        self.run(jobs, [build], arguments["directory"])

    def run(self, elements, steps, directory):
        for step in steps[:-1]:
            groups = collections.defaultdict(list)
            for element in self.rng.sample(elements, len(elements)):
                for key, value in pickle.loads(pickle.dumps(step))(element):
                    groups[key].append(pickle.loads(pickle.dumps(value)))
            elements = [(k, self.rng.sample(v, len(v))) for k, v in groups.items()]
        elements = [*elements, *self.rng.sample(elements, len(elements) // 2)]
        for element in self.rng.sample(elements, len(elements)):
            pickle.loads(pickle.dumps(steps[-1]))(element)


@pytest.fixture
def corpus(tmp_path):
    """Two files of 120 documents: 12 come again, 24 are nearly another, many share a line."""
    rng = random.Random(1)
    documents = [f"모든 쪽의 같은 줄이다.\n{text_of(i)}\n{text_of(i + 500, 20)}" for i in range(84)]
    documents += [documents[i] for i in range(0, 84, 7)]
    documents += [changed(documents[i], 0.03, i) for i in range(0, 72, 3)]
    rng.shuffle(documents)
    paths = [tmp_path / "a.txt", tmp_path / "b.txt"]
    for path, some in zip(paths, (documents[:50], documents[50:]), strict=True):
        path.write_text("\n\n".join(some) + "\n", encoding="utf-8")
    return paths


EXACT = {"duplicates": {"documents": True}}
LINES = {"duplicates": {"lines": True, "line_min_chars": 8}}
EACH = {"near": {"threshold": 0.7, "permutations": 64}, "boilerplate": {"pages": 20}, **LINES}


CASES = pytest.mark.parametrize("values", [EXACT, LINES, EACH], ids=["exact", "lines", "each"])


@pytest.fixture
def compare(clean, corpus, tmp_path, monkeypatch):  # noqa: F811
    """`compare(values, runner)` cleans here and by the runner, and expects the same bytes."""
    monkeypatch.setattr("kortf.data.corpus.blocks.BLOCK_BYTES", 4096)

    def call(values, runner):
        if "near" in values:
            pytest.importorskip("rensa", reason="pip install 'kortf[clean]'")
        report = clean(corpus, values, "here", shards=4)
        for name, count in report["rules"].items():
            if name in ("duplicates.documents", "near", "boilerplate.pages"):
                assert count["documents"] >= 12, name
        clean(corpus, values, "there", shards=4, runner=runner)
        here, there = (contents(tmp_path / name) for name in ("here", "there"))
        assert here == there and len(here) == 7

    return call


@CASES
@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_bytes_as_here(compare, values, seed):
    compare(values, Grouping(seed))


def test_rows_are_found_by_number():
    numbers = np.array([4, 2, 4])
    assert [(n, rows.tolist()) for n, rows in _rows_by(numbers)] == [(2, [1]), (4, [0, 2])]
    assert _rows_by(numbers[:0]) == []


def test_a_failed_pipeline_continues(clean, corpus, tmp_path, monkeypatch):  # noqa: F811
    """Finished files stay, and the next call may omit the runner."""

    class Failing(Grouping):
        def run(self, elements, steps, directory):
            if len(steps) > 1:
                raise InputError("--runner=DaskRunner", "the pipeline ended", "run it again")
            super().run(elements, steps, directory)

    monkeypatch.setattr("kortf.data.corpus.blocks.BLOCK_BYTES", 4096)
    clean(corpus, EXACT, "whole", shards=4)
    with pytest.raises(InputError, match="the pipeline ended"):
        clean(corpus, EXACT, shards=4, runner=Failing(1))
    clean(corpus, EXACT, shards=4)
    assert any("parts are clean" in line for line in clean.said)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
