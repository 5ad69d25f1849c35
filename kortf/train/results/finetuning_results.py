"""Results of a fine-tuning: the scores of the test part, and model directories."""

import os
import time

import ml_collections

from kortf import files
from kortf import workdir as workdirs
from kortf.pretrained.card import Card
from kortf.pretrained.directory.config_file import holds_model
from kortf.pretrained.directory.directory import save_pretrained
from kortf.pretrained.sentence_transformers.settings import (
    Dense,
    EmbeddingSettings,
    Lexical,
    TokenSettings,
    WordWeights,
)
from kortf.tasks.kinds.embedding.task import SINGLE
from kortf.text.tokenizer.punctuation import punctuation_ids
from kortf.train.choice import chosen_by
from kortf.train.evaluation.scoring import Scorer, score_answers, unscored
from kortf.train.inputs.data_summary import standard_error
from kortf.train.inputs.finetuning_inputs import Inputs, Parts, protocol_line
from kortf.train.loop.checkpoint import RunState
from kortf.train.loop.run import Run
from kortf.train.results.finetuning_card import finetuning_card
from kortf.train.settings.keys import HONEST

# Kind of a task to the `problem_type` by which transformers chooses the loss of a classifier.
_PROBLEM_TYPES = {"multi_label": "multi_label_classification", "regression": "regression"}


def has_results(run: Run, config: ml_collections.ConfigDict, workdir: str) -> bool:
    """Return whether a run is finished and its results for this number of epochs are written."""
    result = workdirs.read_evaluation(workdir) or {}
    written = holds_model(os.path.join(workdir, workdirs.MODEL))
    return run.finished and written and result.get("epochs") == config.epochs


def write_results(config, inputs: Inputs, parts: Parts, run: Run, workdir: str) -> None:
    """Score the test part by the best step, and write the model directories and `eval.json`.

    With `config.keep_best` above 1, the runners-up become `best/2`, `best/3`, ….
    """
    directory, state = os.path.join(workdir, workdirs.MODEL), run.state
    for rank, (step, _) in enumerate(state.best[1:], start=2):
        run.checkpoints.restore(step)
        with run.trainer.optimizer.averaged():
            save_finetuned(os.path.join(workdir, workdirs.BEST, str(rank)), parts.scorer)
    if parts.dev is not None:
        run.checkpoints.restore(state.best_step)
    with run.trainer.optimizer.averaged():
        result = _score_best(config, inputs, parts, state, workdir)
        card = finetuning_card(workdir, inputs.task, result)
        save_finetuned(directory, parts.scorer, card)
    # Last: it says that the model beside it is the one that was scored.
    files.write_json(os.path.join(workdir, workdirs.EVALUATION_FILE), result)
    scores = ", ".join(f"{name} {value:.4f}" for name, value in result["scores"].items())
    if scores:
        epoch = f"epoch {result['epoch']} of {config.epochs}"
        run.progress.say(f"{result['split']}: {scores} ({epoch})")
    predictions = ", predictions" if scores else ""
    run.progress.say(f"finished; written: {directory}, {workdir}/eval.json{predictions}")


def _score_best(config, inputs: Inputs, parts: Parts, state: RunState, workdir: str) -> dict:
    """Score the test part once, or the dev part where there is no other.

    Returns:
        Content of `eval.json`.
    """
    honest = config.protocol == HONEST
    began = time.monotonic()
    best, dev, choice = state.step, {}, {}
    if parts.dev is not None:
        metric = chosen_by(config, inputs.task, inputs.splits["dev"])
        best, dev = state.best_step, {metric: state.best_value}
        choice = {"metric": metric} | (_choice(inputs, state) if honest else {})
    counted = [part for part, rows in inputs.splits.items() if rows and (honest or part != "dev")]
    report = {
        "protocol": protocol_line(config.protocol, inputs.splits),
        # The epoch in which the chosen step lies.
        "epoch": -(-best // parts.steps_per_epoch),
        "epochs": config.epochs,
        "step": best,
        "steps_per_epoch": parts.steps_per_epoch,
        "dev": dev if honest else {},
        **choice,
        "counts": {name: len(inputs.splits[name]) for name in counted},
        "seed": config.seed,
        "data": inputs.hashes,
        "summary": parts.summary,
        "training_seconds": round(state.seconds, 1),
    }
    split = next((part for part in ("test", "dev") if inputs.splits[part]), None)
    if split is None:
        return unscored(inputs.task, report)
    found = parts.scorer.find(parts.test if split == "test" else parts.dev)
    seconds = round(time.monotonic() - began, 1)
    report = {"split": split} | report | {"scoring_seconds": seconds}
    return score_answers(workdir, inputs.task, found, inputs.splits[split], report)


def _choice(inputs: Inputs, state: RunState) -> dict:
    """Return the facts on how the step was chosen, those that apply."""
    error = standard_error(state.best_value, len(inputs.splits["dev"]))
    facts = {
        "dev_standard_error": round(error, 6),
        "best": state.notes.get("best"),
        "ended": state.notes.get("ended"),
        "extended": state.notes.get("extended"),
    }
    return {name: value for name, value in facts.items() if value is not None}


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
    if task.kind in _PROBLEM_TYPES:
        extra["problem_type"] = _PROBLEM_TYPES[task.kind]
    heads = {task.head.name: task.head}
    embedding = _embedding_settings(scorer) if task.kind == "embedding" else None
    vocabulary = scorer.tokenizer.vocabulary
    save_pretrained(directory, scorer.encoder, vocabulary, heads, extra, card, embedding)


def _embedding_settings(scorer: Scorer) -> EmbeddingSettings | TokenSettings:
    """Return the steps behind the encoder, for sentence-transformers."""
    task, length = scorer.task, scorer.max_length
    vocabulary, skipped = scorer.tokenizer.vocabulary, ()
    if task.interaction.name == SINGLE:
        weights = lexical = None
        if task.token_weights is not None:
            weights = WordWeights(tuple(vocabulary.pieces), task.token_weights)
        if task.lexical_part is not None:
            tables = task.lexical_part.codes.numpy(), task.lexical_part.squares.numpy()
            lexical = Lexical(tuple(vocabulary.pieces), *tables)
        return EmbeddingSettings(
            task.pooling,
            task.normalize,
            length,
            similarity="cosine",
            word_weights=weights,
            lexical=lexical,
        )
    kernel = task.head.projection.kernel.numpy()
    if task.skip_punctuation:
        skipped = tuple(vocabulary.pieces[i] for i in punctuation_ids(vocabulary))
    return TokenSettings((Dense(kernel, None, "identity"),), skipped, length)
