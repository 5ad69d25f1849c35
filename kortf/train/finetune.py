"""Fine-tuning: a model directory and a benchmark to a model directory and a score."""

import functools
from typing import Protocol

import keras
import ml_collections
import tensorflow as tf

from kortf import models
from kortf import workdir as workdirs
from kortf.errors import InputError, blaming
from kortf.pretrained.directory.config_file import described_encoder
from kortf.pretrained.directory.directory import load_encoder, read_config
from kortf.pretrained.family import of_config as family_of
from kortf.stage import clear_stage, show_stage
from kortf.text.tokenizer.unknown import WARN_ABOVE
from kortf.train.assembly import make_trainer, weight_count
from kortf.train.choice import check_choice, chosen_by
from kortf.train.distillation.student import load_layers, student_layers
from kortf.train.distillation.teacher import load_teacher
from kortf.train.dry_run import dry_run
from kortf.train.examples import training_plan
from kortf.train.inputs.data_summary import cost_line, summary_lines
from kortf.train.inputs.finetuning_inputs import (
    Inputs,
    Parts,
    Sources,
    TaskProgram,
    encode_parts,
    open_inputs,
)
from kortf.train.launch import launch
from kortf.train.loop.devices.cluster import distribute
from kortf.train.loop.devices.placement import ANYWHERE, Placement
from kortf.train.loop.evaluation import evaluation_hook
from kortf.train.loop.health.health import Watch
from kortf.train.loop.open_run import open_run
from kortf.train.loop.reporting import health_hook, log_metrics
from kortf.train.loop.run import Run
from kortf.train.optim.freeze import Freeze
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.distilled_finetuning import DistilledFinetuning
from kortf.train.programs.embedding import EmbeddingTraining
from kortf.train.programs.finetuning import Finetuning
from kortf.train.results.finetuning_results import has_results, write_results
from kortf.train.settings.distillation import FINETUNING, options_of, recorded
from kortf.train.settings.identity import Identity, model_hash, teacher_hash
from kortf.train.settings.keys import given
from kortf.train.tracking.tracker import Tracker


class Trial(Protocol):
    """A trial of a sweep."""

    def evaluated(self, run: Run, quality: float) -> None:
        """Take the quality of the dev part at this step; may end the run."""

    def ended(self, run: Run) -> None:
        """Take the run after its last step."""


def make_program(
    config: ml_collections.ConfigDict, inputs: Inputs, devices: tf.distribute.Strategy
) -> TaskProgram:
    """Build encoder and head under a strategy, with the weights of the model directory."""
    show_stage("building the model")
    keras.utils.set_random_seed(config.seed)
    init_from = inputs.sources.init_from
    name, settings = described_encoder(init_from)
    classifier = family_of(read_config(init_from), init_from).classifier
    if inputs.task.take_hidden(classifier.get("hidden")) and "pooler" in settings:
        settings["pooler"] = classifier["pooler"]
    settings.update({key: v for key, v in config.model.to_dict().items() if v is not None})
    layers = student_layers(config.get("student_layers"), settings)
    settings["num_layers"] = len(layers) or settings["num_layers"]
    with devices.scope():
        with blaming("config.model"):
            encoder = models.build(name, **settings, dtype=config.dtype)
        inputs.task.build(
            encoder.hidden_dim, settings["init_scale"], encoder.settings["dropout"], config.dtype
        )
        if layers:
            load_layers(encoder, init_from, layers)
        elif not config.reinitialize:
            load_encoder(encoder, init_from)
    freeze = Freeze(config.get("freeze_layers", 0), config.get("freeze_embeddings", False))
    if inputs.task.couples_rows:
        _check_coupled(config, inputs)
        return EmbeddingTraining(encoder, inputs.task, freeze)
    if not inputs.sources.teacher:
        return Finetuning(encoder, inputs.task, config.label_smoothing, config.r_drop, freeze)
    if config.r_drop:
        problem = "a teacher's soft labels are for one pass"
        raise InputError(f"config.r_drop={config.r_drop}", problem, "choose 0.0")
    with devices.scope():
        longest = min(config.max_length, encoder.settings["max_length"])
        teacher = load_teacher(
            inputs.sources.teacher, inputs.task, inputs.tokenizer, config, longest
        )
        options = options_of(config, FINETUNING)
        return DistilledFinetuning(
            encoder, inputs.task, teacher, options, config.label_smoothing, freeze
        )


def _check_coupled(config, inputs: Inputs) -> None:
    """Refuse options that a loss over the rows of a batch does not have."""
    if inputs.sources.teacher:
        place = f"--teacher={inputs.sources.teacher}"
        problem = f"the loss of {inputs.task.name} compares texts and has no soft labels"
        raise InputError(place, problem, "train without a teacher")
    for key in ("label_smoothing", "r_drop", "fgm"):
        if config.get(key):
            problem = f"the loss of {inputs.task.name} compares texts and has no such option"
            raise InputError(f"config.{key}={config[key]}", problem, "choose 0.0")
    one = len(inputs.task.fields_of(inputs.splits["train"])) == 1
    if one and not config.model.get("dropout", 0.1):
        problem = "both passes over a sentence would be equal"
        raise InputError("config.model.dropout=0", problem, "choose 0.1")


def finetune(
    config: ml_collections.ConfigDict,
    sources: Sources,
    workdir: str,
    placement: Placement = ANYWHERE,
    tracker: Tracker | None = None,
    trial: Trial | None = None,
) -> int:
    """Start or continue a fine-tuning; the command `kortf finetune`.

    The step is chosen on the dev part, by default at the end of an epoch; where the authors
    published no dev part, it is held out of the train part. The test file is scored once, by the
    chosen step. `config.protocol=koelectra` takes the epoch that is best on the test part itself,
    and holds nothing out, as published tables did. A task that needs no test part may have none:
    then the dev part is scored, and without a dev part the last step is taken.

    Args:
        config: Config as a file in `configs/finetune` gives it.
        sources: Benchmark files, and the model directory to start from.
        workdir: Directory of checkpoints, metrics, scores and the model directory `model`.
        placement: Devices and replicas.
        tracker: Tracking service that the run reports to.
        trial: Trial of a sweep that the run is: its test part is not scored, and no model directory
            is written.

    Returns:
        Exit status: 0, or that of the signal that ended the run, or of a lost worker.
    """
    # Before a tokenizer sets devices up.
    config, strategy, dtype = launch(config, workdir, placement)
    plain = recorded(config, sources.teacher, FINETUNING)
    inputs = open_inputs(config, sources)
    program = make_program(config, inputs, strategy)
    parts = encode_parts(config, inputs, program)
    clear_stage()
    print("\n".join(_summary(config, inputs, parts, program)), flush=True)
    # A run that has begun was checked then, and its identity holds the names.
    begun = workdirs.is_workdir(workdir)
    dev_scores = None if begun else functools.partial(_dev_scores, inputs, parts)
    check_choice(config, inputs.task, inputs.splits["dev"], dev_scores, trial is not None)
    steps = parts.steps_per_epoch * config.epochs
    trainer = _make_trainer(config, program, strategy, steps)
    batches = functools.partial(_batches, config, parts, strategy)
    if sources.dry_run:
        tokens = int(parts.train.lengths.sum()) * config.epochs
        print(dry_run(trainer, batches, steps, config.get("keep_checkpoints", 1), tokens))
        return 0
    before = workdirs.read_evaluation(workdir) or {}
    # A finished run may get more epochs, unless it ended early.
    may_grow = ("config.epochs",) if before and "ended" not in before else ()
    identity = Identity(plain, _hashes(inputs), may_grow)
    run = open_run(workdir, trainer, identity, steps, placement, tracker)
    if has_results(run, config, workdir):
        run.progress.say(f"this run is finished: {workdir}/model, {workdir}/eval.json")
        return 0
    run.progress.say(f"{_start(parts, run)}; {dtype}")
    _note_more_epochs(run, before.get("epochs"), config.epochs)

    _add_hooks(run, config, inputs, parts, trial)
    status = run.train(batches)

    if run.stopped:
        return status
    if trial is not None:
        trial.ended(run)
    elif run.cluster.chief:
        write_results(config, inputs, parts, run, workdir)
    return status


def _note_more_epochs(run: Run, before: int | None, now: int) -> None:
    """Note at which step a finished run got more epochs."""
    if before is None or before >= now or run.state.step * now != run.steps * before:
        return
    step = run.state.step
    run.state.notes["extended"] = [*run.state.notes.get("extended", ()), [before, step]]
    run.progress.say(
        f"{now} epochs instead of {before}: from step {step:,} on, the learning rate follows the "
        f"schedule of {now} epochs; the steps before it followed that of {before}"
    )


def _dev_scores(inputs: Inputs, parts: Parts) -> dict[str, float]:
    return inputs.task.score(parts.scorer.find(parts.dev), inputs.splits["dev"])


def _add_hooks(run: Run, config, inputs: Inputs, parts: Parts, trial: Trial | None) -> None:
    def quality(values):
        return values[chosen_by(config, inputs.task, inputs.splits["dev"])]

    evaluation = evaluation_hook(
        functools.partial(_dev_scores, inputs, parts),
        quality,
        config.get("patience", 0),
        config.get("keep_best", 1),
        trial and trial.evaluated,
    )
    run.every(config.log_every, log_metrics, health_hook(Watch()), run.start_interval)
    if parts.dev is not None:
        run.every(config.get("eval_every") or parts.steps_per_epoch, evaluation, at_stop=False)
    run.every(config.checkpoint_every, run.save)


def _hashes(inputs: Inputs) -> dict[str, str]:
    hashes = {
        **inputs.hashes,
        "vocabulary": inputs.tokenizer.vocabulary.fingerprint,
        "init_from": inputs.sources.init_from,
        "init_from_hash": model_hash([inputs.sources.init_from]),
    }
    return hashes | teacher_hash(inputs.sources.teacher)


def _make_trainer(config, program: TaskProgram, strategy, steps: int):
    def schedule(rate):
        warmup = round(config.schedule.warmup_fraction * steps)
        settings = given(config.schedule, "warmup_fraction")
        return make_schedule(rate, steps, warmup_steps=warmup, **settings)

    return make_trainer(config, program, strategy, schedule)


def _batches(config, parts: Parts, strategy, first_step: int):
    lengths = parts.train.lengths

    def make(part):
        def plan():
            return training_plan(lengths, config.batch_size, config.seed, first_step)

        return parts.train.dataset(plan, config.batch_size, part)

    return iter(distribute(strategy, make))


def _summary(config, inputs: Inputs, parts: Parts, program: TaskProgram) -> list[str]:
    lines = summary_lines(inputs.task, parts.summary, parts.scorer.max_length)
    unknown = parts.summary.get("unknown")
    if unknown:
        lines.append(f"[UNK]: {unknown['unknown']:,} of {unknown['pieces']:,} pieces")
        if unknown["share"] > WARN_ABOVE:
            examples = ", ".join(f"'{example}'" for example in unknown["examples"])
            lines.append(
                f"WARNING: {unknown['share']:.1%} of the pieces are [UNK], as in {examples}"
            )
    if parts.scorer.max_length < config.max_length:
        limit = parts.scorer.max_length
        lines.append(
            f"the model has {limit:,} positions: config.max_length is reduced to {limit:,}"
        )
    if not inputs.sources.dry_run:  # which measures instead
        tokens = int(parts.train.lengths.sum())
        lines.append(cost_line(weight_count(program), config.batch_size, tokens, config.epochs))
    return lines


def _start(parts: Parts, run: Run) -> str:
    text = (
        f"{weight_count(run.trainer.program):,} weights, {parts.steps_per_epoch:,} steps an epoch"
    )
    return text + (f", continued from step {run.state.step:,}" if run.state.step else "")
