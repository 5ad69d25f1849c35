"""Inputs of a pretraining: mixtures with phases, and records that cannot be used."""

import shutil

import ml_collections
import pytest

from kortf.errors import InputError
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.saving import save_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary
from kortf.train.inputs.pretraining_inputs import Sources, open_inputs

PHASES = [{"until_step": 8, "weights": [1, 3]}, {"weights": [0, 1]}]


@pytest.fixture
def start(records_dir, vocabulary_dir, tmp_path):
    """Function that opens the inputs of a mixture of two directories."""
    shutil.copytree(records_dir, tmp_path / "more")

    def make(phases=PHASES, records=f"{records_dir},{tmp_path}/more", vocab=vocabulary_dir, **more):
        values = {"batch_size": 8, "steps": 20, "seed": 0, "mixture": phases, **more}
        return open_inputs(ml_collections.ConfigDict(values), Sources(records, str(vocab)))

    return make


def test_phases_end_at_steps_while_the_pipeline_counts_batches(start):
    assert [phase.until_step for phase in start().mixture.phases] == [8, None]
    # Four steps share the first batch: step 8 begins the sixth.
    inputs = start(batch_warmup=[(4, 4)])
    assert [phase.until_step for phase in inputs.mixture.phases] == [5, None]
    assert [phase.weights for phase in inputs.mixture.phases] == [(1, 3), (0, 1)]
    with pytest.raises(InputError) as caught:
        start([PHASES[0] | {"until_step": 6}, PHASES[1]], batch_warmup=[(8, 4)])
    assert caught.value.parts[0] == "config.mixture"


def test_weights_stand_beside_the_directories_or_in_the_phases(start, records_dir, tmp_path):
    records = f"{records_dir}:3,{tmp_path}/more:1"
    assert start(phases=(), records=records).mixture.info.records > 0
    one = start(phases=(), records=str(records_dir))
    assert one.mixture is None and one.lengths() == [32]
    assert start().info.records == 2 * one.info.records


def test_records_that_cannot_be_used_are_refused(start, records_dir, vocabulary_dir, tmp_path):
    with pytest.raises(InputError) as caught:
        start(phases=(), records=str(records_dir), batch_size=100_000)
    assert caught.value.parts[0] == str(records_dir)
    vocabulary = load_vocabulary(str(vocabulary_dir))
    other = Vocabulary("wordpiece", vocabulary.data + "가나다라마\n".encode(), {})
    save_vocabulary(other, str(tmp_path / "other"))
    with pytest.raises(InputError, match="made with another vocabulary") as caught:
        start(vocab=tmp_path / "other")
    assert caught.value.parts[0] == str(records_dir)
