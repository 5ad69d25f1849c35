"""Pretraining: records and a recipe of objectives to a model directory."""

import functools
import os
from collections.abc import Sequence

import keras
import ml_collections
import tensorflow as tf

from kortf import models, objectives
from kortf.data.records.records import RecordsInfo, explain_data_loss
from kortf.errors import InputError, blaming
from kortf.objectives.objective import Objective
from kortf.pretrained.directory.config_file import read_config
from kortf.pretrained.extension import changed_pieces, start_new_rows
from kortf.train.assembly import make_trainer, weight_count
from kortf.train.cards.pretraining_card import pretraining_card
from kortf.train.loop.checkpoint import RunState
from kortf.train.loop.cluster import distribute
from kortf.train.loop.health import Watch, check_tied
from kortf.train.loop.run import explain_reading
from kortf.train.loop.session import Placement, Session
from kortf.train.loop.step import Trainer, means
from kortf.train.loop.strategy import on_accelerator
from kortf.train.optim.schedule import make_schedule
from kortf.train.pretraining_inputs import Inputs, open_inputs
from kortf.train.programs.pretraining import Pretraining


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
        **placement: of `kortf.train.loop.session.Placement`.

    Returns:
        Exit status: 0, or that of the signal which ended it, or of a lost worker.
    """
    if init_from:
        read_config(init_from)  # before the inputs, which can take a while
    inputs = open_inputs(config, records, vocab, eval_records)
    session = Session(config, workdir, Placement(**placement))
    program = make_program(config, inputs, session.devices, init_from)
    trainer = trainer_of(config, program, session.devices, on_accelerator())
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


def trainer_of(
    config: ml_collections.ConfigDict, program: Pretraining, devices, jit_compile: bool = False
) -> Trainer:
    """The trainer of a pretraining, whose schedule ends with `config.steps`."""

    def schedule(rate):
        return make_schedule(rate, config.steps, **config.schedule)

    return make_trainer(config, program, devices, schedule, jit_compile)
