"""The inputs of a pretraining: records and the vocabulary that made them."""

from collections.abc import Callable
from dataclasses import dataclass

import ml_collections
import tensorflow as tf

from kortf.data.pipeline import evaluation_batches, training_batches
from kortf.data.records.records import (
    RecordsInfo,
    explain_data_loss,
    read_info,
    verify_shards,
)
from kortf.data.streams import WHOLE, Part
from kortf.errors import InputError
from kortf.pretrained.directory.config_file import read_config
from kortf.stage import show_stage
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.text.vocabulary.vocabulary import Vocabulary, load_vocabulary
from kortf.train.batch_warmup import BatchWarmup
from kortf.train.loop.cluster import distribute

_COUNTED_ROWS = 1024  # of which [UNK] is counted
EVALUATION_SEED = 20_000_003  # masks of the evaluation are the same in every run


def check_vocabulary(
    info: RecordsInfo, records: str, vocabulary: Vocabulary, directory: str
) -> None:
    """Raise an InputError when the records were made with another vocabulary."""
    if info.vocabulary_hash != vocabulary.fingerprint:
        raise InputError(
            records,
            f"made with another vocabulary than {directory} "
            f"({info.vocabulary_hash[:12]}… there, {vocabulary.fingerprint[:12]}… here)",
            f"give the --vocab that made them, or run kortf records --vocab={directory} again",
        )


@dataclass(frozen=True)
class Sources:
    """Directories that a pretraining reads.

    Args:
        records: Records to train on.
        vocab: Vocabulary that made them.
        eval_records: Held-out records, or None.
        init_from: Model directory whose weights are the start, or None.
        verify: Whether the checksum of every record is read before training.
        allow_unknown: Whether records are used of which more than half is [UNK].
    """

    records: str
    vocab: str
    eval_records: str | None = None
    init_from: str | None = None
    verify: bool = False
    allow_unknown: bool = False


@dataclass(frozen=True)
class Inputs:
    """Inputs of a pretraining, checked: whole records that fit the vocabulary."""

    sources: Sources
    info: RecordsInfo
    vocabulary: Vocabulary
    eval_info: RecordsInfo | None = None

    def batches(
        self, config, corrupt: Callable, first_step: int, part: Part = WHOLE
    ) -> tf.data.Dataset:
        """Return the training batches from `first_step` on, without end."""
        records, rows = self.sources.records, config.batch_size
        return training_batches(
            records, self.info, rows, config.seed, corrupt, first_step, part
        )  # fmt: skip

    def held_out(self, config, corrupt: Callable, part: Part = WHOLE) -> tf.data.Dataset:
        """Return the evaluation batches, the same each time."""
        return evaluation_batches(
            self.sources.eval_records,
            self.eval_info,
            config.batch_size,
            EVALUATION_SEED,
            corrupt,
            config.eval_batches,
            part,
        )

    def hashes(self) -> dict[str, str | None]:
        """Return a hash of each input by name."""
        found: dict[str, str | None] = {
            "records": self.info.key,
            "vocabulary": self.vocabulary.fingerprint,
            "init_from": self.sources.init_from,
        }
        if self.eval_info is not None:
            found["eval_records"] = self.eval_info.key
        return found


def open_inputs(config: ml_collections.ConfigDict, sources: Sources) -> Inputs:
    """Read the descriptions of records and vocabulary, and check that they fit.

    Raises:
        InputError: They do not belong together, a shard is broken, or there are too few records.
    """
    show_stage("reading the records")
    if sources.init_from:
        read_config(sources.init_from)  # before the records, which can take a while
    vocabulary = load_vocabulary(sources.vocab)
    infos = []
    for directory in filter(None, (sources.records, sources.eval_records)):
        infos.append(read_info(directory))
        check_vocabulary(infos[-1], directory, vocabulary, sources.vocab)
        verify_shards(directory, infos[-1])
        broken = explain_data_loss(directory, infos[-1]) if sources.verify else None
        if broken:
            raise broken
    if infos[0].records < config.batch_size:
        raise InputError(
            sources.records,
            f"{infos[0].records} records do not fill one batch of {config.batch_size}",
            "set --config.batch_size lower or give more text",
        )
    return Inputs(sources, infos[0], vocabulary, infos[1] if len(infos) > 1 else None)


def training_iterator(config, inputs: Inputs, trainer, warmup: BatchWarmup, step: int):
    """Return the iterator of the distributed batches that begins with those of a step.

    Args:
        config: Config of the run.
        inputs: Inputs of the run.
        trainer: Trainer, with its program and strategy.
        warmup: Stages of smaller batches.
        step: Number of the first step.
    """
    position = warmup.position(step)

    def make(part):
        batches = inputs.batches(config, trainer.program.corrupt, position.batch, part)
        return warmup.split(batches, position)

    return iter(distribute(trainer.strategy, make))


def check_unknown(config: ml_collections.ConfigDict, inputs: Inputs) -> str | None:
    """Count [UNK] in the first batches; return a warning above a small share.

    Raises:
        InputError: More than half is [UNK], and `allow_unknown` is not set.
    """
    counter = UnknownCounter(inputs.vocabulary)
    batches = inputs.batches(config, lambda features: features, 0)
    for features in batches.take(-(-_COUNTED_ROWS // config.batch_size)):
        counter.add(features["token_ids"].numpy())
    counter.check(inputs.sources.records, inputs.sources.allow_unknown)
    text = counter.warning()
    return f"warning: {text}" if text else None
