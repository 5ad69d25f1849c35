"""Which source each row of a mixture comes from."""

import types

import numpy as np
import pytest

from kortf.data.mixture.mixture import open_mixture
from kortf.data.mixture.phases import Phase, parse_phases
from kortf.data.mixture.schedule import FOREVER, Schedule
from kortf.data.mixture.sources import Source, parse_sources
from kortf.data.records.records import RecordsInfo
from kortf.errors import InputError


def test_sources_are_parsed():
    assert parse_sources("wiki:3,gs://b/web:1.5") == [
        Source("wiki", 3.0),
        Source("gs://b/web", 1.5),
    ]
    assert parse_sources("wiki") == [Source("wiki")]
    assert parse_sources("gs://b/web") == [Source("gs://b/web")]


@pytest.mark.parametrize("value", ["", "a:1,a:2", "a:1,b", "a:-1", "a:nan", "a:inf"])
def test_sources_that_are_refused(value):
    with pytest.raises(InputError) as caught:
        parse_sources(value)
    assert caught.value.parts[0].startswith("--records")


@pytest.mark.parametrize("weights", [(3, 1), (0.001, 1, 7.5), (1, 1, 1, 1, 1), (0, 2, 1)])
@pytest.mark.parametrize("rows", [1, 7, 32])
def test_shares_follow_the_weights(weights, rows):
    sources = Schedule([Phase(None, weights)], rows, seed=3).sources(0, 10_000)
    assert sources.shape == (10_000, rows)
    shares = np.bincount(sources.ravel(), minlength=len(weights)) / sources.size
    assert np.abs(shares - np.array(weights) / sum(weights)).max() < 0.001


PHASES = [Phase(40, (1, 1, 0)), Phase(100, (5, 1, 2)), Phase(None, (0, 0, 1))]


def test_a_resumed_run_reads_the_rows_of_an_uninterrupted_one():
    schedule = Schedule(PHASES, 5, seed=11, lane=2)
    whole = schedule.sources(0, 150)
    for step in (0, 1, 39, 40, 41, 99, 100, 149):
        assert (schedule.sources(step, 150 - step) == whole[step:]).all()
        counted = np.bincount(whole[:step].ravel(), minlength=3)
        assert schedule.counts(step) == counted.tolist()


def test_phases_change_the_weights():
    sources = Schedule(PHASES, 8, seed=0).sources(0, 140)
    assert set(sources[:40].ravel()) == {0, 1} and set(sources[100:].ravel()) == {2}
    shares = np.bincount(sources[40:100].ravel()) / (60 * 8)
    assert np.abs(shares - np.array([5, 1, 2]) / 8).max() < 0.01


def test_seeds_and_lanes_differ():
    drawn = [
        Schedule([Phase(None, (2, 1, 1))], 4, seed, lane).sources(0, 50).tobytes()
        for seed, lane in [(0, 0), (0, 1), (1, 0)]
    ]
    assert len(set(drawn)) == 3


def test_one_row_is_the_row_of_the_array():
    (_, _, choose), *_ = Schedule(PHASES, 5, seed=11).segments(0)
    rows = choose(np.arange(200))
    assert [choose(n) for n in range(200)] == rows.tolist()


def info(**changes):
    made = {"records": 10, "pairing": "none", "vocabulary_hash": "v", "seq_length": 16, **changes}
    return types.SimpleNamespace(**made)


def test_without_weights_each_record_comes_equally_often():
    infos = {"a": info(records=30), "b": info(records=10)}
    mixture = open_mixture([Source("a"), Source("b")], infos.get)
    assert mixture.phases == (Phase(None, (30, 10)),)


@pytest.mark.parametrize("changes", [{"pairing": "next_sentence"}, {"vocabulary_hash": "w"}])
def test_records_that_do_not_fit_together(changes):
    infos = {"a": info(), "b": info(**changes)}
    with pytest.raises(InputError, match="^b: another"):
        open_mixture([Source("a", 1), Source("b", 1)], infos.get)


FIRST, LAST = {"until_step": 5, "weights": [1, 1]}, {"weights": [1, 1]}


@pytest.mark.parametrize(
    "phases",
    [
        [FIRST],
        [LAST, LAST],
        [{"weights": [1]}],
        [{"weights": [0, 0]}],
        [{"weights": [1, -1]}],
        [{"weights": [1, True]}],
        [{"weights": "11"}],
        [{}],
        [FIRST, FIRST, LAST],
        [FIRST | {"until_step": 0}, LAST],
        [FIRST | {"until_step": 2.5}, LAST],
        [FIRST | {"until_step": 100}, LAST],
        [FIRST | {"until_share": 0.5}, LAST],
        [{"until_share": 1.5, "weights": [1, 1]}, LAST],
        [FIRST, LAST | {"seq_length": 4}],
        [FIRST, LAST | {"decay": "slowly"}],
        [FIRST | {"decay": "linear"}, LAST],
        [FIRST, LAST | {"length": 16}],
    ],
)
def test_phases_that_are_refused(phases):
    with pytest.raises(InputError, match="^config.mixture"):
        parse_phases(phases, 2, 100)


def test_phases_of_a_config():
    first = {"until_share": 0.9, "weights": [1, 0], "seq_length": 128}
    phases = parse_phases([first, {"weights": [0, 1], "decay": "sqrt"}], 2, 1000)
    assert phases == [Phase(900, (1, 0), 128), Phase(None, (0, 1), None, "sqrt")]
    assert parse_phases([{"seq_length": 128}], 1, 10) == [Phase(None, (1,), 128)]


DESCRIPTION = {
    "kortf_version": "", "key": "", "vocabulary_hash": "v", "tokenizer": {}, "pairing": "none",
    "seed": 0, "input": [], "documents": 9, "sentences": 9, "records": 9, "tokens": 90,
    "padding_share": 0.0, "pair_label_share": None, "left_out": {}, "bytes": 900, "shards": [],
}  # fmt: skip


def test_the_length_of_rows_changes_with_the_phases():
    infos = {
        "a": RecordsInfo(**DESCRIPTION, seq_length=16),
        "b": RecordsInfo(**DESCRIPTION, seq_length=64),
    }
    phases = [Phase(3, (1, 0), 16), Phase(7, (2, 0), 16), Phase(9, (1, 1)), Phase(None, (0, 1), 96)]
    mixture = open_mixture([Source("a", 1), Source("b", 1)], infos.get, phases)
    assert mixture.boundaries == [7, 9]
    assert [mixture.info_at(step).seq_length for step in (0, 3, 6, 7, 8, 9, 500)] == [
        16, 16, 16, 64, 64, 96, 96,
    ]  # fmt: skip
    assert [mixture.end_of(step) for step in (0, 6, 7, 9)] == [7, 7, 9, FOREVER]
    with pytest.raises(InputError, match="^b, phase 2"):
        open_mixture(
            [Source("a"), Source("b")], infos.get, [Phase(3, (1, 0), 16), Phase(None, (1, 1), 32)]
        )


def test_the_key_of_a_mixture_without_lengths_is_that_of_earlier_runs():
    assert repr(Phase(40, (1, 2))) == "Phase(until_step=40, weights=(1, 2))"
