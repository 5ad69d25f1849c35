"""Pretraining: records and a recipe of objectives to a model directory."""

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import keras
import ml_collections
import tensorflow as tf

from kortf import models, objectives
from kortf.data.pipeline import evaluation_batches, training_batches
from kortf.data.records import RecordsInfo, explain_data_loss, read_info, verify_shards
from kortf.data.streams import WHOLE, Part
from kortf.errors import InputError, blaming
from kortf.objectives.objective import Objective, Scores
from kortf.pretrained.card import Card
from kortf.pretrained.config_file import holds_model
from kortf.pretrained.directory import load_encoder, load_heads, save_pretrained
from kortf.pretrained.extension import changed_pieces, start_new_rows
from kortf.text.vocabulary import Vocabulary, load_vocabulary
from kortf.train.assembly import make_trainer, weight_count
from kortf.train.checkpoint import RunState
from kortf.train.cluster import distribute
from kortf.train.health import Watch, check_tied
from kortf.train.pretraining_card import pretraining_card
from kortf.train.run import explain_reading
from kortf.train.schedule import make_schedule
from kortf.train.session import Placement, Session
from kortf.train.step import means
from kortf.train.strategy import on_accelerator
from kortf.train.variables import named_variables

EVALUATION_SEED = 20_000_003  # masks of the evaluation are the same in every run


class Pretraining:
    """An encoder under a list of objectives.

    Args:
        encoder: a `kortf.models.Encoder`.
        recipe: built objectives.
        vocabulary: of the records; None where batches come corrupted.
    """

    def __init__(self, encoder, recipe: Sequence[Objective], vocabulary: Vocabulary | None = None):
        self.encoder = encoder
        self.recipe = recipe
        self.vocabulary = vocabulary

    def variables(self) -> dict[str, tf.Variable]:
        """Trainable variables by name."""
        layers = [self.encoder, *self.heads().values()]
        for encoder, heads in self.companions().values():
            layers += [encoder, *heads.values()]
        return named_variables(layers)

    def heads(self) -> dict[str, keras.layers.Layer]:
        """The heads by name."""
        return {head.name: head for objective in self.recipe for head in objective.heads}

    def companions(self) -> dict[str, tuple]:
        """Name to (encoder, heads by name) of what is trained beside the encoder."""
        return {
            name: (encoder, {head.name: head for head in heads})
            for objective in self.recipe
            for name, (encoder, heads) in objective.companions.items()
        }

    def expected(self) -> dict[str, float]:
        """Metric to the value that the settings ask for."""
        return {k: v for objective in self.recipe for k, v in objective.expected.items()}

    def load(self, directory: str) -> None:
        """Copies the weights of a model directory, and of those of its companions beside it."""
        load_encoder(self.encoder, directory, self.heads())
        load_heads(self.heads(), directory)
        for name, (encoder, heads) in self.companions().items():
            beside = f"{directory.rstrip('/')}_{name}"
            if holds_model(beside):
                load_encoder(encoder, beside, heads)
                load_heads(heads, beside)

    def save(self, directory: str, card: Callable[[str], Card] = lambda name: Card()) -> None:
        """Writes a model directory, and those of its companions beside it.

        Args:
            directory: of the encoder.
            card: gives the model card of a companion by its name, that of the encoder by "".
        """
        models_ = {"": (self.encoder, self.heads())} | self.companions()
        for name, (encoder, heads) in models_.items():
            path = f"{directory}_{name}" if name else directory
            save_pretrained(path, encoder, self.vocabulary, heads, card=card(name))

    def corrupt(self, features: dict) -> dict:
        """Corrupts a clean batch for all objectives in turn."""
        for objective in self.recipe:
            features = objective.corrupt(features, self.vocabulary)
        return features

    def weights(self, features: dict) -> dict[str, tf.Tensor]:
        """Sums of the loss weights of all objectives."""
        return {k: v for objective in self.recipe for k, v in objective.weights(features).items()}

    def score(self, features: dict, seed: tf.Tensor | None) -> Scores:
        """One pass of the encoder, scored by all objectives."""
        parts = []
        for objective in self.recipe:
            features, part = objective.prepare(features, seed)
            parts.append(part)
        outputs = self.encoder(features, seed=seed)
        parts += [objective.score(outputs, features, seed) for objective in self.recipe]
        scores = Scores({}, {})
        for part in parts:
            scores.losses.update(part.losses)
            scores.metrics.update(part.metrics)
        return scores


def check_recipe(recipe: Sequence[Objective], info: RecordsInfo, records: str) -> None:
    """Raises an InputError when the records lack what an objective needs."""
    present = {"token_ids", "padding_mask", "segment_ids", "draw_seed"}
    present |= {"pack_ids"} if info.pairing == "none" else {"pair_label"}
    made: dict[str, str] = {}
    for objective in recipe:
        name = type(objective).__module__.rsplit(".", 1)[-1]
        if objective.pairing not in (None, info.pairing):
            raise InputError(
                records,
                f"made with --pairing={info.pairing}, but {name} needs {objective.pairing}",
                f"run kortf records --pairing={objective.pairing} … or leave {name} out of "
                "config.objectives",
            )
        missing = [feature for feature in objective.requires if feature not in present]
        if missing:
            problem = f"{name} needs {', '.join(missing)}, which nothing before it provides"
            raise InputError("config.objectives", problem, "put the objective that does before it")
        for feature in objective.provides:
            if feature in made:
                problem = f"{made[feature]} and {name} both make {feature}: two sets of masks"
                raise InputError("config.objectives", problem, "leave one of them out")
            made[feature] = name
        present.update(objective.provides)


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


def pretrain(
    config: ml_collections.ConfigDict,
    records: str,
    vocab: str,
    workdir: str,
    eval_records: str | None = None,
    init_from: str | None = None,
    **placement,
) -> int:
    """Runs a pretraining from where it stands to its end; the command `kortf pretrain`.

    Args:
        config: as a file in `configs/pretrain` gives it.
        records: records directory.
        vocab: vocabulary directory.
        workdir: takes checkpoints, metrics and, at the end, the model directory `model`.
        eval_records: records of a held-back part, or None.
        init_from: model directory whose weights are the start, or None.
        **placement: of `kortf.train.session.Placement`.

    Returns:
        Exit status: 0, or that of the signal which ended it, or of a lost worker.
    """
    inputs = open_inputs(config, records, vocab, eval_records)
    session = Session(config, workdir, Placement(**placement))
    program = make_program(config, inputs, session.devices, init_from)

    def schedule(rate):
        return make_schedule(rate, config.steps, **config.schedule)

    trainer = make_trainer(config, program, session.devices, schedule, on_accelerator())
    hashes = {"records": inputs.info.key, "vocabulary": inputs.vocabulary.fingerprint}
    state = session.open(
        trainer, {**hashes, "init_from": init_from}, config.steps, config.keep_checkpoints
    )
    session.progress.say(_summary(config, program, inputs.info, session.devices, state))

    def batches(step):
        def make(part):
            return inputs.batches(config, program.corrupt, step, part)

        return iter(distribute(session.devices, make))

    def evaluate():
        def make(part):
            return inputs.held_back(config, program.corrupt, part)

        return means(trainer.evaluate(distribute(session.devices, make)))

    try:
        status = session.train(
            batches,
            config.eval_every,
            evaluate if eval_records else None,
            _less_loss,
            Watch(program.expected(), config.schedule.get("warmup_steps", 0)),
        )
    except tf.errors.OpError as error:
        raise explain_reading(error, lambda: explain_data_loss(records, inputs.info)) from error
    if session.writes:
        card = functools.partial(
            pretraining_card, workdir, inputs.info, inputs.vocabulary, state,
            session.devices.num_replicas_in_sync,
        )  # fmt: skip
        program.save(os.path.join(workdir, "model"), card)
    return status


def _less_loss(values: dict[str, float]) -> float:
    return -sum(value for name, value in values.items() if name.endswith("_loss"))


def _summary(config, program: Pretraining, info: RecordsInfo, devices, state: RunState) -> str:
    passes = config.batch_size * config.steps / info.records
    text = f"{weight_count(program):,} weights, {info.records:,} records of {info.seq_length}, "
    text += f"{passes:.2f} passes, {devices.num_replicas_in_sync} replica(s)"
    return text + (f", going on from step {state.step:,}" if state.step else "")


def make_program(
    config: ml_collections.ConfigDict, inputs: Inputs, devices, init_from: str | None = None
) -> Pretraining:
    """Builds encoder and heads under a strategy, and fills them from a model directory if asked.

    Vocabulary size and, where the records are longer, the number of positions come from the data.
    """
    with blaming("config.objectives"):
        recipe = objectives.build_all([dict(each) for each in config.objectives])
    check_recipe(recipe, inputs.info, inputs.records)
    sizes = config.model.to_dict() | {"vocabulary_size": inputs.vocabulary.size}
    sizes["max_length"] = max(sizes.get("max_length") or 0, inputs.info.seq_length)
    keras.utils.set_random_seed(config.seed)
    with devices.scope():
        with blaming("config.model"):
            encoder = models.build(**sizes, dtype=config.dtype)
        with blaming("config.objectives"):
            for objective in recipe:
                objective.build(encoder, dtype=config.dtype)
        program = Pretraining(encoder, recipe, inputs.vocabulary)
        check_tied(program)
        if init_from:
            new_pieces = changed_pieces(init_from, inputs.vocabulary, inputs.vocab)
            program.load(init_from)
            start_new_rows(encoder, program.heads().values(), new_pieces)
            for companion, heads in program.companions().values():
                start_new_rows(companion, heads.values(), new_pieces)
    return program
