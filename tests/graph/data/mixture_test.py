"""Batches of several records directories: a pure function of (seed, step, row)."""

import dataclasses

import numpy as np
import pytest

from kortf.data.mixture.mixture import open_mixture
from kortf.data.mixture.phases import Phase
from kortf.data.mixture.sources import Source
from kortf.data.pipeline import mixed_batches
from kortf.data.records.plan import RecordsSettings
from kortf.data.records.records import read_info
from kortf.data.streams import WHOLE, Part
from kortf.errors import InputError

BATCH = 4
PHASES = [Phase(6, (3, 1)), Phase(None, (1, 3))]


@pytest.fixture
def mixture(in_process, write, tmp_path):
    """Two directories whose tokens tell them apart: of the pieces 1 and of the pieces 2."""
    sources = []
    for piece in (1, 2):
        path = tmp_path / f"{piece}.txt"
        path.write_text("\n".join(f"{piece} " * (3 + n % 20) for n in range(400)), encoding="utf-8")
        write([path], tmp_path / f"records{piece}", RecordsSettings(seq_length=16, shards=4))
        sources.append(Source(str(tmp_path / f"records{piece}"), 1))
    return open_mixture(sources, read_info, PHASES)


def take(mixture, first_step, number, part=WHOLE):
    batches = mixed_batches(mixture, BATCH, 3, lambda features: features, first_step, part)
    return [{k: v.numpy() for k, v in batch.items()} for batch in batches.take(number)]


def same(left, right):
    return all((left[name] == right[name]).all() for name in left)


def test_rows_come_from_the_scheduled_sources_and_resume(mixture, tiny_vocabulary):
    whole = take(mixture, 0, 14)
    lanes = mixture.lanes(BATCH)
    scheduled = np.concatenate(
        [mixture.schedule(BATCH, 3, lane).sources(0, 14) for lane in range(lanes)], axis=1
    )
    pieces = [
        tiny_vocabulary.pieces[i] for i in np.stack([b["token_ids"][:, 1] for b in whole]).flat
    ]
    assert pieces == [str(source + 1) for source in scheduled.flat]
    for step in (5, 6):  # before and at the second phase
        resumed = take(mixture, step, 3)
        assert all(map(same, resumed, whole[step : step + 3]))


def test_workers_together_make_the_whole_batch(mixture):
    whole = take(mixture, 4, 4)
    parts = [take(mixture, 4, 4, Part(index, 2)) for index in range(2)]
    for step, batch in enumerate(whole):
        for name, value in batch.items():
            assert (np.concatenate([part[step][name] for part in parts]) == value).all()
    with pytest.raises(InputError, match="3 workers"):
        mixture.own_lanes(BATCH, Part(0, 3))


def test_rows_have_the_length_of_their_phase(mixture):
    phases = (Phase(6, (3, 1), 16), Phase(None, (1, 3), 24))
    other = dataclasses.replace(mixture, phases=phases)
    whole = take(mixture, 0, 10)
    first, second = take(other, 0, 99), take(other, 6, 4)
    assert len(first) == 6 and all(map(same, first, whole))
    for batch, short in zip(second, whole[6:], strict=True):
        assert batch["token_ids"].shape == (BATCH, 24)
        assert (batch["token_ids"][:, :16] == short["token_ids"]).all()
        assert not batch["token_ids"][:, 16:].any() and not batch["padding_mask"][:, 16:].any()
    assert all(map(same, take(other, 7, 3), second[1:]))
