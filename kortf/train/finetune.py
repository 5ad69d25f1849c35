"""Fine-tuning: a model directory and a benchmark to a model directory and a score."""

import functools
import os
import time

import keras
import ml_collections
import tensorflow as tf

from kortf import models
from kortf.errors import InputError, blaming
from kortf.pretrained.card import Card
from kortf.pretrained.directory.config_file import described_encoder, holds_model
from kortf.pretrained.directory.directory import (
    load_encoder,
    read_config,
    save_pretrained,
)
from kortf.pretrained.family import of_config as family_of
from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings
from kortf.stage import clear_stage, show_stage
from kortf.text.tokenizer.unknown import WARN_ABOVE
from kortf.train.assembly import make_trainer, weight_count
from kortf.train.cards.finetuning_card import finetuning_card
from kortf.train.config import resolved
from kortf.train.data_summary import cost_line, summary_lines
from kortf.train.evaluation.scoring import Scorer, write_evaluation, write_unscored
from kortf.train.examples import training_plan
from kortf.train.finetuning_inputs import (
    HONEST,
    Inputs,
    Parts,
    Sources,
    TaskProgram,
    encode_parts,
    open_inputs,
    protocol_line,
)
from kortf.train.identity import Identity, model_hash
from kortf.train.launch import launch
from kortf.train.loop.checkpoint import RunState
from kortf.train.loop.cluster import distribute
from kortf.train.loop.evaluation import evaluation_hook
from kortf.train.loop.health import Watch
from kortf.train.loop.open_run import open_run
from kortf.train.loop.placement import ANYWHERE, Placement
from kortf.train.loop.reporting import health_hook, log_metrics
from kortf.train.loop.run import Run
from kortf.train.optim.schedule import make_schedule
from kortf.train.programs.embedding import EmbeddingTraining
from kortf.train.programs.finetuning import Finetuning
from kortf.train.tracking.tracker import Tracker


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
    with devices.scope():
        with blaming("config.model"):
            encoder = models.build(name, **settings, dtype=config.dtype)
        inputs.task.build(
            encoder.hidden_dim, settings["init_scale"], encoder.settings["dropout"], config.dtype
        )
        if not config.reinitialize:
            load_encoder(encoder, inputs.sources.init_from)
    if inputs.task.couples_rows:
        _check_coupled(config, inputs)
        return EmbeddingTraining(encoder, inputs.task)
    return Finetuning(encoder, inputs.task, config.label_smoothing, config.r_drop)


def _check_coupled(config, inputs: Inputs) -> None:
    """Refuse options that a loss over the rows of a batch does not have."""
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
) -> int:
    """Start or continue a fine-tuning; the command `kortf finetune`.

    The epoch is chosen on the dev part; where the authors published none, it is held out of the
    train part. The test file is scored once, by the chosen epoch. `config.protocol=koelectra` takes
    the epoch that is best on the test part itself, and holds nothing out, as published tables did.
    A task that needs no test part may have none: then the dev part is scored, and without a dev
    part the last epoch is taken.

    Args:
        config: Config as a file in `configs/finetune` gives it.
        sources: Benchmark files, and the model directory to start from.
        workdir: Directory of checkpoints, metrics, scores and the model directory `model`.
        placement: Devices and replicas.
        tracker: Tracking service that the run reports to.

    Returns:
        Exit status: 0, or that of the signal that ended the run, or of a lost worker.
    """
    # Before a tokenizer sets devices up.
    config, strategy, dtype = launch(config, workdir, placement)
    inputs = open_inputs(config, sources)
    program = make_program(config, inputs, strategy)
    parts = encode_parts(config, inputs, program)
    clear_stage()
    print("\n".join(_summary(config, inputs, parts, program)), flush=True)
    if sources.dry_run:
        return 0
    steps = parts.steps_per_epoch * config.epochs
    trainer = _make_trainer(config, program, strategy, steps)
    identity = Identity(resolved(config), _hashes(inputs))
    run = open_run(workdir, trainer, identity, steps, placement, tracker)
    directory = os.path.join(workdir, "model")
    if run.finished and holds_model(directory):
        run.progress.say(f"this run is finished: {directory}, {workdir}/eval.json")
        return 0
    run.progress.say(f"{_start(parts, run)}; {dtype}")

    _add_hooks(run, config, inputs, parts)
    status = run.train(functools.partial(_batches, config, parts, strategy))

    if run.cluster.chief and not run.stopped:
        _write_results(config, inputs, parts, run, workdir)
    return status


def _add_hooks(run: Run, config, inputs: Inputs, parts: Parts) -> None:
    def evaluate():
        return inputs.task.score(parts.scorer.find(parts.dev), inputs.splits["dev"])

    def quality(values):
        return values[inputs.task.metric_of(inputs.splits["dev"])]

    evaluation = evaluation_hook(evaluate, quality)
    run.every(config.log_every, log_metrics, health_hook(Watch()), run.start_interval)
    if parts.dev is not None:
        run.every(parts.steps_per_epoch, evaluation, at_stop=False)
    run.every(config.checkpoint_every, run.save)


def _write_results(config, inputs: Inputs, parts: Parts, run: Run, workdir: str) -> None:
    """Score the test part by the best step, and write the model directory."""
    directory = os.path.join(workdir, "model")
    if parts.dev is not None:
        run.checkpoints.restore(run.state.best_step)
    with run.trainer.optimizer.averaged():
        result = _score_best(config, inputs, parts, run.state, workdir)
        card = finetuning_card(workdir, inputs.task, result)
        save_finetuned(directory, parts.scorer, card)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result["scores"].items())
    if scores:
        epoch = f"epoch {result['epoch']} of {config.epochs}"
        run.progress.say(f"{result['split']}: {scores} ({epoch})")
    predictions = ", predictions" if scores else ""
    run.progress.say(f"finished; written: {directory}, {workdir}/eval.json{predictions}")


def _hashes(inputs: Inputs) -> dict[str, str]:
    return {
        **inputs.hashes,
        "vocabulary": inputs.tokenizer.vocabulary.fingerprint,
        "init_from": inputs.sources.init_from,
        "init_from_hash": model_hash([inputs.sources.init_from]),
    }


def _make_trainer(config, program: TaskProgram, strategy, steps: int):
    def schedule(rate):
        warmup = round(config.schedule.warmup_fraction * steps)
        return make_schedule(rate, steps, config.schedule.name, warmup)

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
    tokens = int(parts.train.lengths.sum())
    lines.append(cost_line(weight_count(program), config.batch_size, tokens, config.epochs))
    return lines


def _start(parts: Parts, run: Run) -> str:
    text = (
        f"{weight_count(run.trainer.program):,} weights, {parts.steps_per_epoch:,} steps an epoch"
    )
    return text + (f", continued from step {run.state.step:,}" if run.state.step else "")


def _score_best(config, inputs: Inputs, parts: Parts, state: RunState, workdir: str) -> dict:
    """Score the test part once, or the dev part where there is no other, and write the results."""
    honest = config.protocol == HONEST
    began = time.monotonic()
    chosen_by = {}
    if parts.dev is not None:
        chosen_by = {inputs.task.metric_of(inputs.splits["dev"]): state.best_value}
    best = state.step if parts.dev is None else state.best_step
    counted = [part for part, rows in inputs.splits.items() if rows and (honest or part != "dev")]
    report = {
        "protocol": protocol_line(config.protocol, inputs.splits),
        "epoch": best // parts.steps_per_epoch,
        "epochs": config.epochs,
        "dev": chosen_by if honest else {},
        "counts": {name: len(inputs.splits[name]) for name in counted},
        "seed": config.seed,
        "data": inputs.hashes,
        "summary": parts.summary,
        "training_seconds": round(state.seconds, 1),
    }
    split = next((part for part in ("test", "dev") if inputs.splits[part]), None)
    if split is None:
        return write_unscored(workdir, inputs.task, report)
    found = parts.scorer.find(parts.test if split == "test" else parts.dev)
    seconds = round(time.monotonic() - began, 1)
    report = {"split": split} | report | {"scoring_seconds": seconds}
    return write_evaluation(workdir, inputs.task, found, inputs.splits[split], report)


def save_finetuned(directory: str, scorer: Scorer, card: Card | None = None) -> None:
    """Write a model directory with the task's head, its settings, label names and model card.

    That of sentence embeddings is a sentence-transformers directory as well.
    """
    task = scorer.task
    extra = {
        "kortf": {
            "task": task.name,
            "task_settings": task.settings(),
            "max_length": scorer.max_length,
            # `kortf evaluate` scores with the same dtype and batch size, for the same result.
            "scoring": {
                "dtype": scorer.encoder.dtype_policy.name,
                "batch_size": scorer.batch_size,
            },
        }
    }
    classes = getattr(task, "classes", ())
    if classes:
        extra["id2label"] = {str(i): label for i, label in enumerate(classes)}
        extra["label2id"] = {label: i for i, label in enumerate(classes)}
    heads = {task.head.name: task.head}
    embedding = None
    if task.kind == "embedding":
        embedding = EmbeddingSettings(
            task.pooling, task.normalize, scorer.max_length, similarity="cosine"
        )
    vocabulary = scorer.tokenizer.vocabulary
    save_pretrained(directory, scorer.encoder, vocabulary, heads, extra, card, embedding)
