"""Table of fine-tunings: a row for each configuration, over all its seeds."""

from collections.abc import Sequence

from kortf.report.run import EVAL, Run
from kortf.report.runs import Runs
from kortf.report.tables.measures import mean_loss, seconds, tokens
from kortf.report.tables.pretraining_table import seeds_of, steps_of
from kortf.report.tables.seeds import group_name, group_seeds, spread
from kortf.report.tables.sizes import describe_model, describe_objectives, in_millions
from kortf.report.tables.table import Table

HEADER = (
    "run", "model", "pretrained by", "pretraining steps", "tokens", "task", "pooling", "epoch",
    "loss", "score", "other scores", "dev", "protocol", "seeds", "minutes", "state",
)  # fmt: skip

USUAL_SCORES = ("accuracy", "spearman", "f1")


def finetuning_table(runs: Runs) -> Table:
    """Tabulate all fine-tunings, grouped by task."""
    table = Table(HEADER)
    groups = group_seeds(runs.finetunings)
    tasks = list(dict.fromkeys(run.config["task"].get("name") for run in runs.finetunings))
    for group in sorted(groups, key=lambda group: tasks.index(group[0].config["task"].get("name"))):
        table.rows.append(_row(group, runs.origin.get(group[0].path)))
    table.notes = _notes(runs.finetunings)
    return table.without_empty_columns()


def main_metric(run: Run) -> str | None:
    """Return the main metric of a task: the one that chose the epoch, if it is recorded."""
    result = run.evaluation or {}
    if result.get("main_metric"):
        return result["main_metric"]
    if result.get("dev"):
        return next(iter(result["dev"]))
    names = list(result.get("scores") or ())
    names += [n.removeprefix(EVAL) for line in run.evaluations for n in line if n.startswith(EVAL)]
    usual = [name for name in USUAL_SCORES if name in names]
    return (usual or names or [None])[0]


def task_title(run: Run) -> str:
    """Return the name of a task, with its target if it has several.

    Example: "nsmc", "hate_speech (bias)"
    """
    task = run.config["task"]
    target = task.get("target")
    return f"{task.get('name')} ({target})" if target else str(task.get("name"))


def recipe(run: Run) -> str:
    """Return pooling, epochs, batch size and learning rate of a fine-tuning.

    Example: "max, 2 epochs, batch 64, lr 0.001"
    """
    config = run.config
    rate = (config.get("optimizer") or {}).get("learning_rate")
    epochs = config.get("epochs")
    parts = [
        config["task"].get("pooling") or "",
        f"{epochs} epoch{'s' * (epochs != 1)}",
        f"batch {config.get('batch_size')}",
        f"lr {rate:g}" if rate else "",
    ]
    return ", ".join(part for part in parts if part)


def _row(group: Sequence[Run], origin: Run | None) -> list[str]:
    run = group[0]
    results = [run.evaluation or {} for run in group]
    main = main_metric(run)
    settings = origin.config.get("model") if origin else run.model
    scores = [result.get("scores") or {} for result in results]
    best = [_best_dev(run, main) for run in group]
    others = [name for name in scores[0] if name != main]
    return [
        group_name(group),
        describe_model(settings or {}),
        *_pretraining(run, origin),
        task_title(run),
        run.config["task"].get("pooling") or _task_settings(run).get("pooling") or "–",
        _epochs(group),
        spread(
            [
                mean_loss(run, result.get("epoch"))
                for run, result in zip(group, results, strict=True)
            ]
        ),
        f"{main} {spread([score.get(main) for score in scores])}" if scores[0] else "–",
        ", ".join(f"{name} {spread([s.get(name) for s in scores])}" for name in others) or "–",
        spread(best) if scores[0] or not main else f"{main} {spread(best)}",
        str(results[0].get("protocol", "–")).split(":")[0],
        seeds_of(group),
        spread([value / 60 if (value := seconds(run)) else None for run in group], 1),
        run.status,
    ]


def _pretraining(run: Run, origin: Run | None) -> tuple[str, str, str]:
    """Return objectives, steps and tokens of the pretraining."""
    if run.config.get("reinitialize"):
        return "nothing (new weights)", "0", "0"
    if origin:
        return describe_objectives(origin), steps_of(origin), in_millions(tokens(origin))
    return str(run.inputs.get("init_from", "–")), "unknown", "–"


def _epochs(group: Sequence[Run]) -> str:
    """Return the chosen epochs and the number of epochs.

    Example: "2 of 2", "1, 2, 2 of 3"
    """
    chosen = [(run.evaluation or {}).get("epoch") for run in group]
    of = group[0].config.get("epochs")
    if None in chosen:
        return f"– of {of}"
    if len(set(chosen)) == 1:
        chosen = chosen[:1]
    return f"{', '.join(map(str, chosen))} of {of}"


def _best_dev(run: Run, name: str | None) -> float | None:
    result = run.evaluation or {}
    told = (result.get("dev") or {}).get(name)
    # Another score may have chosen the step: then the value of that step is meant.
    step = result.get("step")
    lines = [line for line in run.evaluations if step is None or line.get("step") == step]
    found = [line.get(EVAL + str(name)) for line in lines]
    return told if told is not None else max([v for v in found if v is not None], default=None)


def _task_settings(run: Run) -> dict:
    return (run.model.get("kortf") or {}).get("task_settings") or {}


def _notes(runs: Sequence[Run]) -> list[str]:
    """Return notes on the scores: protocols, notes of the tasks, rows that were left out."""
    found: dict[str, None] = {}
    for run in runs:
        result = run.evaluation or {}
        if result.get("protocol"):
            found.setdefault(f"Protocol {result['protocol']}.")
        if result.get("note"):
            found.setdefault(f"{task_title(run)}: {result['note']}.")
        for name, number in (result.get("dropped") or {}).items():
            found.setdefault(f"{task_title(run)}: {number:,} rows of {name} were dropped.")
        for name, bad in (result.get("bad_rows") or {}).items():
            found.setdefault(f"{run.name}: {bad['count']:,} bad rows of {name} were passed over.")
    found.setdefault(
        "Loss: mean over the training steps of the chosen epoch. ±: sample standard deviation over "
        "the seeds, with their number in brackets."
    )
    return list(found)
