"""What a pretraining reads: records and the vocabulary that made them."""

from collections.abc import Callable
from dataclasses import dataclass

import ml_collections
import tensorflow as tf

from kortf.data.pipeline import evaluation_batches, training_batches
from kortf.data.records.records import RecordsInfo, read_info, verify_shards
from kortf.data.streams import WHOLE, Part
from kortf.errors import InputError
from kortf.text.vocabulary.vocabulary import Vocabulary, load_vocabulary

EVALUATION_SEED = 20_000_003  # masks of the evaluation are the same in every run


def check_vocabulary(
    info: RecordsInfo, records: str, vocabulary: Vocabulary, directory: str
) -> None:
    """Raises an InputError when the records were made with another vocabulary."""
    if info.vocabulary_hash != vocabulary.fingerprint:
        raise InputError(
            records,
            f"made with another vocabulary than {directory} "
            f"({info.vocabulary_hash[:12]}… there, {vocabulary.fingerprint[:12]}… here)",
            f"give the --vocab that made them, or run kortf records --vocab={directory} again",
        )


@dataclass(frozen=True)
class Inputs:
    """What a pretraining reads, checked: records that fit the vocabulary and are whole."""

    records: str
    info: RecordsInfo
    vocabulary: Vocabulary
    vocab: str
    eval_records: str | None = None
    eval_info: RecordsInfo | None = None

    def batches(
        self, config, corrupt: Callable, first_step: int, part: Part = WHOLE
    ) -> tf.data.Dataset:
        """Training batches from `first_step` on, without end."""
        return training_batches(
            self.records, self.info, config.batch_size, config.seed, corrupt, first_step, part
        )

    def held_back(self, config, corrupt: Callable, part: Part = WHOLE) -> tf.data.Dataset:
        """Evaluation batches, the same each time."""
        return evaluation_batches(
            self.eval_records,
            self.eval_info,
            config.batch_size,
            EVALUATION_SEED,
            corrupt,
            config.eval_batches,
            part,
        )


def open_inputs(
    config: ml_collections.ConfigDict, records: str, vocab: str, eval_records: str | None
) -> Inputs:
    """Reads what records and vocabulary say of themselves.

    Raises:
        InputError: when they do not belong together, a shard is broken, or there is too little.
    """
    vocabulary = load_vocabulary(vocab)
    infos = []
    for directory in (records, eval_records) if eval_records else (records,):
        infos.append(read_info(directory))
        check_vocabulary(infos[-1], directory, vocabulary, vocab)
        verify_shards(directory, infos[-1])
    if infos[0].records < config.batch_size:
        raise InputError(
            records,
            f"{infos[0].records} records do not fill one batch of {config.batch_size}",
            "set --config.batch_size lower or give more text",
        )
    return Inputs(records, infos[0], vocabulary, vocab, eval_records, infos[-1])
