"""Pretraining: from records and a config of objectives to a model directory."""

import functools
import os
from collections.abc import Callable

import keras
import ml_collections
import tensorflow as tf

from kortf import models, objectives
from kortf.data.records.records import explain_data_loss
from kortf.errors import InputError, blaming
from kortf.pretrained.directory.config_file import described_encoder, holds_model
from kortf.pretrained.directory.directory import load_heads
from kortf.pretrained.extension import changed_pieces, start_new_rows
from kortf.stage import show_stage
from kortf.train.assembly import make_trainer, weight_count
from kortf.train.distillation.student import load_layers, student_layers
from kortf.train.dry_run import dry_run
from kortf.train.inputs.batch_warmup import BatchWarmup
from kortf.train.inputs.pretraining_inputs import (
    Inputs,
    Sources,
    check_unknown,
    open_inputs,
    schedule_of,
    training_iterator,
)
from kortf.train.launch import launch
from kortf.train.loop.devices.cluster import distribute
from kortf.train.loop.devices.placement import ANYWHERE, Placement
from kortf.train.loop.devices.strategy import on_accelerator
from kortf.train.loop.evaluation import evaluation_hook
from kortf.train.loop.health.health import Watch, check_tied
from kortf.train.loop.open_run import open_run
from kortf.train.loop.reporting import health_hook, log_metrics
from kortf.train.loop.run import Run
from kortf.train.loop.step import Trainer, means
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.distilled_pretraining import DistilledPretraining, load_teacher
from kortf.train.programs.pretraining import Pretraining, check_objectives
from kortf.train.results.pretraining_card import pretraining_card
from kortf.train.settings.distillation import PRETRAINING, options_of, recorded
from kortf.train.settings.identity import Identity, model_hash, teacher_hash
from kortf.train.tracking.tracker import Tracker


def pretrain(
    config: ml_collections.ConfigDict,
    sources: Sources,
    workdir: str,
    placement: Placement = ANYWHERE,
    tracker: Tracker | None = None,
    probe: bool = False,
) -> int:
    """Start or continue a pretraining; the command `kortf pretrain`.

    Args:
        config: Config as a file in `configs/pretrain` gives it.
        sources: Directories of records, vocabulary and start.
        workdir: Directory of checkpoints, metrics and, at the end, the model directory `model`.
        placement: Devices and replicas.
        tracker: Tracking service that the run reports to.
        probe: Print an estimate of time, memory and disk from a few steps, and write nothing.

    Returns:
        Exit status: 0, or that of the signal that ended the run, or of a lost worker.
    """
    config, strategy, dtype = launch(config, workdir, placement)
    plain = recorded(config, sources.teacher, PRETRAINING)
    inputs = open_inputs(config, sources)
    unknown = check_unknown(config, inputs) if sources.init_from else None
    program = make_program(config, inputs, strategy)
    trainer = trainer_of(config, program, strategy, on_accelerator())
    warmup = _warmup(config, strategy.num_replicas_in_sync)
    batches = functools.partial(training_iterator, config, inputs, trainer, warmup)
    if probe:
        print(dry_run(trainer, batches, config.steps, config.keep_checkpoints))
        if len(lengths := inputs.lengths()) > 1:
            print(f"measured on rows of {lengths[0]} tokens; later phases have {lengths[1:]}")
        return 0
    identity = Identity(plain, inputs.hashes() | _start_hash(program, sources))
    run = open_run(workdir, trainer, identity, config.steps, placement, tracker)
    run.restarts = inputs.restarts(warmup)
    directory = os.path.join(workdir, "model")
    if run.finished and holds_model(directory):
        run.progress.say(f"this run is finished: {directory}")
        return 0
    for line in filter(None, (f"{_summary(config, run, inputs)}; {dtype}", unknown)):
        run.progress.say(line)
    _add_hooks(run, config, inputs)
    try:
        status = run.train(batches)
    except tf.errors.OpError as error:
        raise _explained(error, inputs) from error

    if run.cluster.chief and run.state.step:
        _write_model(directory, inputs, run)
    return status


def make_program(config: ml_collections.ConfigDict, inputs: Inputs, strategy) -> Pretraining:
    """Build encoder and heads under a strategy, with the weights of `init_from` if there is one.

    Vocabulary size and, where the records are longer, the number of positions come from the data.
    """
    with blaming("config.objectives"):
        recipe = objectives.build_all([dict(each) for each in config.objectives])
    check_objectives(recipe, inputs.info.pairing, inputs.sources.records)
    sizes = config.model.to_dict() | {"vocabulary_size": inputs.vocabulary.size}
    sizes["max_length"] = max(sizes.get("max_length") or 0, inputs.info.seq_length)
    layers = _teacher_layers(config, inputs)
    show_stage("building the model")
    keras.utils.set_random_seed(config.seed)
    with strategy.scope():
        with blaming("config.model"):
            encoder = models.build(**sizes, dtype=config.dtype)
        with blaming("config.objectives"):
            for objective in recipe:
                objective.build(encoder, dtype=config.dtype)
        program = _program(config, inputs, encoder, recipe)
        check_tied(program)
        if inputs.sources.init_from:
            _load(program, inputs)
        if layers:
            load_layers(encoder, inputs.sources.teacher, layers)
            load_heads(program.heads(), inputs.sources.teacher)
    return program


def _program(config, inputs: Inputs, encoder, recipe) -> Pretraining:
    teacher = inputs.sources.teacher
    if not teacher:
        return Pretraining(encoder, recipe, inputs.vocabulary)
    loaded = load_teacher(teacher, inputs.vocabulary, max(inputs.lengths()), config.dtype)
    options = options_of(config, PRETRAINING)
    return DistilledPretraining(encoder, recipe, inputs.vocabulary, loaded, options)


def _teacher_layers(config, inputs: Inputs) -> list[int]:
    """Return the layers of the teacher that the student begins with."""
    text, sources = config.get("student_layers"), inputs.sources
    if not text:
        return []
    place = f"config.student_layers={text}"
    if not sources.teacher or sources.init_from:
        problem = "--init_from is the start" if sources.init_from else "there is no teacher"
        raise InputError(place, problem, "give --teacher=DIR alone")
    layers = student_layers(text, described_encoder(sources.teacher)[1])
    if len(layers) != config.model.num_layers:
        problem = f"the student has {config.model.num_layers} layers"
        raise InputError(place, problem, f"set --config.model.num_layers={len(layers)}")
    return layers


def trainer_of(
    config: ml_collections.ConfigDict, program: Pretraining, strategy, jit_compile: bool = False
) -> Trainer:
    """Make the trainer of a pretraining, whose schedule ends with `config.steps`."""

    settings = schedule_of(config)

    def schedule(rate):
        return make_schedule(rate, config.steps, **settings)

    return make_trainer(config, program, strategy, schedule, jit_compile)


def _add_hooks(run: Run, config, inputs: Inputs) -> None:
    watch = Watch(run.trainer.program.expected(), config.schedule.get("warmup_steps", 0))
    run.every(config.log_every, log_metrics, health_hook(watch), run.start_interval)
    if inputs.sources.eval_records:
        evaluate = evaluation_hook(_evaluation(config, inputs, run.trainer), _less_loss)
        run.every(config.eval_every, evaluate, at_stop=False)
    run.every(config.checkpoint_every, run.save)


def _load(program: Pretraining, inputs: Inputs) -> None:
    """Copy the weights of `init_from`; pieces that it lacks start from those they resemble."""
    start = inputs.sources.init_from
    new_pieces = changed_pieces(start, inputs.vocabulary, inputs.sources.vocab)
    program.load(start)
    start_new_rows(program.encoder, program.heads().values(), new_pieces)
    for companion, heads in program.companions().values():
        start_new_rows(companion, heads.values(), new_pieces)


def _start_hash(program: Pretraining, sources: Sources) -> dict[str, str]:
    hashes = teacher_hash(sources.teacher)
    if sources.init_from:
        hashes["init_from_hash"] = model_hash(program.directories(sources.init_from))
    return hashes


def _warmup(config, replicas: int) -> BatchWarmup:
    rows = config.batch_size // (replicas * config.accumulate)
    return BatchWarmup(config.get("batch_warmup", ()), rows)


def _evaluation(config, inputs: Inputs, trainer: Trainer) -> Callable[[], dict[str, float]]:
    """Return the function that evaluates; its data set is traced at the first call alone."""

    def make(part):
        return inputs.held_out(config, trainer.program.corrupt, part)

    batches = functools.cache(lambda: distribute(trainer.strategy, make))
    return lambda: means(trainer.evaluate(batches()))


def _less_loss(values: dict[str, float]) -> float:
    return -sum(value for name, value in values.items() if name.endswith("_loss"))


def _explained(error: tf.errors.OpError, inputs: Inputs) -> Exception:
    """The InputError for a damaged record, or the error itself."""
    if isinstance(error, tf.errors.DataLossError | tf.errors.InvalidArgumentError):
        return explain_data_loss(inputs.sources.records, inputs.info) or error
    return error


def _summary(config, run: Run, inputs: Inputs) -> str:
    info = inputs.info
    passes = config.batch_size * config.steps / info.records
    text = f"{weight_count(run.trainer.program):,} weights, {info.records:,} records of "
    text += f"{', then '.join(map(str, inputs.lengths()))}, {passes:.2f} passes, "
    text += f"{run.trainer.strategy.num_replicas_in_sync} replica(s)"
    return text + (f", continued from step {run.state.step:,}" if run.state.step else "")


def _write_model(directory: str, inputs: Inputs, run: Run) -> None:
    """Write the model directory, after a signal as well."""
    card = functools.partial(
        pretraining_card, os.path.dirname(directory), inputs.info, inputs.vocabulary, run.state,
        run.trainer.strategy.num_replicas_in_sync,
    )  # fmt: skip
    written = run.trainer.program.save(directory, card)
    if not run.stopped:
        run.progress.say(f"finished; written: {', '.join([*written, run.progress.path])}")
