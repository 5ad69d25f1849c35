"""Model card of a fine-tuned model, with the scores of its `eval.json`."""

import os
from collections.abc import Mapping

from kortf import files
from kortf.download.catalogue import hub_datasets
from kortf.pretrained.card import Card, bullets, place
from kortf.train.results import card_lines

# Task names of the hub by kind of answer.
_HUB_TASKS = {
    "classifier": "text-classification",
    "regression": "text-classification",
    "token_classifier": "token-classification",
    "question_answering": "question-answering",
    "multi_label": "text-classification",
    "multiple_choice": "multiple-choice",
    "embedding": "sentence-similarity",
    "dependency_parser": "token-classification",
    "dialogue_state": "text-classification",
}


def finetuning_card(workdir: str, task, evaluation: Mapping) -> Card:
    """Make the model card of a fine-tuned model.

    Args:
        workdir: Work directory with `config.json`.
        task: Task that was trained.
        evaluation: Content of `eval.json`.
    """
    written = files.read_json(os.path.join(workdir, "config.json"))
    name, config = card_lines.title(workdir), written["config"]
    datasets = hub_datasets(evaluation["data"].values())
    metadata = {"datasets": datasets} if datasets else {}
    metadata |= {
        "tags": [task.name],
        "metrics": list(evaluation["scores"]),
    }
    if task.kind in _HUB_TASKS:
        metadata["pipeline_tag"] = _HUB_TASKS[task.kind]
    if task.kind == "embedding":
        metadata["library_name"] = "sentence-transformers"
    if evaluation["scores"]:
        results = [_result(task, evaluation, datasets)]
        metadata["model-index"] = [{"name": name, "results": results}]
    base = place(written["inputs"].get("init_from"))
    about = f"A Korean model for `{task.name}`, which kortf has fine-tuned"
    about += " from the start." if config.get("reinitialize") else f" from `{base}`."
    sections = {
        "Scores": _scores(evaluation),
        "Data": _data(evaluation),
        "Training": bullets(_options(config, evaluation, written["inputs"].get("teacher")))
        + "\n"
        + card_lines.recipe(written, evaluation["training_seconds"]),
    }
    return Card(name, about, metadata, sections)


def _result(task, evaluation: Mapping, datasets: list[str]) -> dict:
    """Render a result for the hub's `model-index`, with the figures of `eval.json`."""
    kind = _HUB_TASKS.get(task.kind, task.kind)
    data = {
        "type": datasets[0] if datasets else task.name,
        "name": task.name,
        "split": evaluation["split"],
    }
    metrics = [
        {"type": metric, "name": metric, "value": value}
        for metric, value in evaluation["scores"].items()
    ]
    return {"task": {"type": kind, "name": task.name}, "dataset": data, "metrics": metrics}


def _scores(evaluation: Mapping) -> str:
    if not evaluation["scores"]:
        return bullets({"protocol": evaluation["protocol"], "seed": evaluation["seed"]})
    split, count = evaluation["split"], evaluation["counts"][evaluation["split"]]
    text = card_lines.table(evaluation["scores"], f"{split}, {count:,} examples")
    rows = {"protocol": evaluation["protocol"], "seed": evaluation["seed"]}
    chosen = ", ".join(f"{k} {v:.4f}" for k, v in evaluation["dev"].items())
    rows["on the dev part"] = chosen or None
    rows["note"] = evaluation.get("note")
    return f"{text}\n\n{bullets(rows)}"


def _data(evaluation: Mapping) -> str:
    counts = ", ".join(f"{number:,} {part}" for part, number in evaluation["counts"].items())
    rows = {"examples": counts}
    rows |= {f"`{name}`": f"SHA-256 `{digest}`" for name, digest in evaluation["data"].items()}
    dropped = evaluation.get("dropped", {})
    summary = evaluation.get("summary", {})
    truncated = {part: facts.get("truncated") for part, facts in summary.get("parts", {}).items()}
    truncated = [f"{number:,} {part}" for part, number in truncated.items() if number]
    rows["truncated"] = ", ".join(truncated) or None
    overlap = [f"{number:,} {parts}" for parts, number in summary.get("overlap", {}).items()]
    rows["texts of one part in another"] = ", ".join(overlap) or None
    rows["dropped"] = ", ".join(f"{n:,} of {name}" for name, n in dropped.items()) or None
    return bullets(rows)


def _options(config: Mapping, evaluation: Mapping, teacher: str | None) -> dict:
    """Options that differ from the defaults."""
    options = ("label_smoothing", "r_drop", "fgm", "ema_decay")
    taught = None
    if teacher:
        taught = card_lines.named({"name": f"`{place(teacher)}`", **config["distillation"]})
    return {
        "task": card_lines.named(config["task"]),
        "teacher": taught,
        "epochs": f"{evaluation['epochs']}; epoch {evaluation['epoch']} was chosen",
        "longest row": f"{config['max_length']} tokens",
        **{name: config[name] for name in options if config.get(name)},
    }
