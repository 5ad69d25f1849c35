"""The inputs of a pretraining: records and the vocabulary that made them."""

import dataclasses
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import ml_collections
import tensorflow as tf

from kortf.data.mixture.mixture import Mixture, open_mixture
from kortf.data.mixture.phases import Phase, parse_phases
from kortf.data.mixture.sources import Source, parse_sources
from kortf.data.pipeline import evaluation_batches, mixed_batches, training_batches
from kortf.data.records.records import RecordsInfo, read_info, verify_shards
from kortf.data.streams import WHOLE, Part
from kortf.errors import InputError
from kortf.pretrained.directory.config_file import read_config
from kortf.stage import show_stage
from kortf.text.tokenizer.unknown import UnknownCounter
from kortf.text.vocabulary.loading import load_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary
from kortf.train.inputs.batch_warmup import BatchWarmup
from kortf.train.loop.devices.cluster import distribute

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
        records: Records to train on: a directory, or a mixture `DIR:weight,DIR:weight`.
        vocab: Vocabulary that made them.
        eval_records: Held-out records, or None.
        init_from: Model directory whose weights are the start, or None.
        verify: Whether the checksum of every record is read before training.
        allow_unknown: Whether records are used of which more than half is [UNK].
        teacher: Pretrained model directory that the student learns from, or None.
    """

    records: str
    vocab: str
    eval_records: str | None = None
    init_from: str | None = None
    verify: bool = False
    allow_unknown: bool = False
    teacher: str | None = None


@dataclass(frozen=True)
class Inputs:
    """Inputs of a pretraining, checked: whole records that fit the vocabulary."""

    sources: Sources
    info: RecordsInfo
    vocabulary: Vocabulary
    eval_info: RecordsInfo | None = None
    mixture: Mixture | None = None

    def batches(
        self, config, corrupt: Callable, first_step: int, part: Part = WHOLE
    ) -> tf.data.Dataset:
        """Return the training batches from `first_step` on, without end."""
        records, rows = self.sources.records, config.batch_size
        if self.mixture is not None:
            return mixed_batches(self.mixture, rows, config.seed, corrupt, first_step, part)
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

    def restarts(self, warmup: BatchWarmup) -> list[int]:
        """Return the steps at which the shape of the batches changes."""
        lengths = self.mixture.boundaries if self.mixture else []
        return sorted({*warmup.boundaries, *map(warmup.step_of, lengths)})

    def lengths(self) -> list[int]:
        """Return the length of the rows of each phase in which it changes."""
        starts = [0, *self.mixture.boundaries] if self.mixture else []
        lengths = [self.mixture.info_at(start).seq_length for start in starts]
        return lengths or [self.info.seq_length]

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

    def read(directory: str) -> RecordsInfo:
        info = read_info(directory)
        check_vocabulary(info, directory, vocabulary, sources.vocab)
        verify_shards(directory, info, contents=sources.verify)
        return info

    mixture, values = None, config.get("mixture")
    # A path that exists is taken before it is taken for a mixture.
    one = os.path.exists(sources.records)
    directories = [Source(sources.records)] if one else parse_sources(sources.records)
    if len(directories) > 1 or values:
        phases = _phases(config, values or (), len(directories))
        mixture = open_mixture(directories, read, phases)
        info = mixture.info
    else:
        sources = dataclasses.replace(sources, records=directories[0].directory)
        info = read(sources.records)
    eval_info = read(sources.eval_records) if sources.eval_records else None
    if info.records < config.batch_size:
        raise InputError(
            sources.records,
            f"{info.records} records do not fill one batch of {config.batch_size}",
            "set --config.batch_size lower or give more text",
        )
    return Inputs(sources, info, vocabulary, eval_info, mixture)


def _phases(config: ml_collections.ConfigDict, values, sources: int) -> list[Phase]:
    """Return the phases of a config, which count the pipeline's batches instead of steps."""
    warmup = BatchWarmup(config.get("batch_warmup", ()), config.batch_size)
    phases = []
    for phase in parse_phases([dict(value) for value in values], sources, config.steps):
        if phase.until_step is not None:
            position = warmup.position(phase.until_step)
            if position.part:
                problem = (
                    f"a phase ends at step {phase.until_step}, inside a batch of several steps"
                )
                raise InputError("config.mixture", problem, "end it after config.batch_warmup")
            phase = dataclasses.replace(phase, until_step=position.batch)
        phases.append(phase)
    return phases


def schedule_of(config: ml_collections.ConfigDict) -> dict:
    """Return the settings of the learning rate, with the decay of the last phase.

    Raises:
        InputError: The schedule decays over the whole run already.
    """
    settings = config.schedule.to_dict()
    phases: Sequence = config.get("mixture") or ()
    decay = phases[-1].get("decay") if phases else None
    if not decay:
        return settings
    if settings["name"] not in ("constant", "trapezoidal") or settings.get("decay_steps"):
        problem = f"decays in the last phase, but the schedule is {settings['name']} by itself"
        cure = "set config.schedule.name to constant, without decay_steps"
        raise InputError("config.mixture", problem, cure)
    parsed = parse_phases([dict(each) for each in phases], len(phases[-1]["weights"]), config.steps)
    first = parsed[-2].until_step if parsed[:-1] else settings.get("warmup_steps", 0)
    tail = {"name": "trapezoidal", "decay_steps": config.steps - first, "decay": decay}
    return settings | tail


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
