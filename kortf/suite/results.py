"""Results of a suite: `results.json`, and the tables of `results.md` and `index.html`."""

import os
import statistics
from collections.abc import Mapping, Sequence

from kortf import files, workdir
from kortf.report.page import document
from kortf.report.run import read_run
from kortf.report.tables.measures import seconds, tokens
from kortf.report.tables.pretraining_table import steps_of
from kortf.report.tables.seeds import spread
from kortf.report.tables.sizes import describe_model, describe_objectives, in_millions
from kortf.report.tables.table import Table
from kortf.suite.plan import Plan, Planned
from kortf.suite.published import AVERAGE, Column, published_scores, sources_of
from kortf.suite.runs import Suite, is_finished
from kortf.suite.suites import SUITES

RESULTS_FILE = "results.json"
MARKDOWN_FILE = "results.md"
PAGE_FILE = "index.html"
ENGLISH = {
    "uas_macro_f1": "UAS", "las_macro_f1": "LAS", "exact_match": "EM", "f1": "F1",
    "macro_f1": "macro F1", "micro_f1": "micro F1", "character_macro_f1": "character F1",
    "auprc": "AUPRC", "rouge_w": "ROUGE-W", "joint_goal_accuracy": "JGA",
    "slot_micro_f1": "slot F1",
}  # fmt: skip


def collect(plan: Plan, suite: Suite, failed: Mapping[str, int]) -> dict:
    """Return the content of `results.json`.

    Args:
        plan: Plan of the suite.
        suite: Model, work directory and seeds.
        failed: Name of a benchmark to the exit status of its run that failed.
    """
    rows = {planned.name: _row(planned, suite) for planned in plan.planned}
    return {
        "model": _model(suite.model),
        "protocol": suite.protocol,
        "seeds": list(suite.seeds),
        "benchmarks": {name: row for name, row in rows.items() if row["seeds"]},
        "missing": dict(plan.missing),
        "failed": dict(failed),
        "unfinished": [
            name
            for name, row in rows.items()
            if len(row["seeds"]) < len(suite.seeds) and name not in failed
        ],
    }


def write_results(directory: str, results: dict) -> list[str]:
    """Write `results.json`, `results.md` and `index.html`; return their paths."""
    title = f"Benchmarks: {results['model']['path']}"
    tables = {"Scores": scores_table(results), "Beside published scores": comparison(results)}
    tables = {heading: table for heading, table in tables.items() if table.rows}
    facts = _facts(results)
    markdown = [f"# {title}", *facts]
    for heading, table in tables.items():
        markdown += [f"## {heading}", table.markdown()]
    written = {
        MARKDOWN_FILE: "\n\n".join(markdown) + "\n",
        PAGE_FILE: document(title, facts, tables),
    }
    paths = [os.path.join(directory, name) for name in (RESULTS_FILE, *written)]
    files.makedirs(directory)
    files.write_json(paths[0], results)
    for path, text in zip(paths[1:], written.values(), strict=True):
        with files.write_beside(path) as file:
            file.write(text)
    return paths


def _row(planned: Planned, suite: Suite) -> dict:
    """Return the scores of a benchmark over its finished seeds, and how they were made."""
    directories = {seed: suite.workdir(planned.name, seed) for seed in suite.seeds}
    done = {seed: path for seed, path in directories.items() if is_finished(path)}
    results = [workdir.read_evaluation(path) or {} for path in done.values()]
    config = planned.benchmark.config
    row = {
        "config": os.path.basename(planned.benchmark.config_file).replace(".py", ""),
        "seeds": list(done),
        "scored_on": planned.scored_on,
        "epochs": config.epochs,
        "batch_size": config.batch_size,
    }
    if not results:
        return row
    first = results[0]
    names = list(first["scores"])
    return row | {
        "main_metric": first["main_metric"],
        "scores": {name: _summary([each["scores"][name] for each in results]) for name in names},
        "chosen_epochs": [each.get("epoch") for each in results],
        "counts": first.get("counts"),
        "training_seconds": [each.get("training_seconds") for each in results],
        "scoring_seconds": [each.get("scoring_seconds") for each in results],
        "data": first.get("data"),
        "note": first.get("note", ""),
        "dropped": first.get("dropped", {}),
        "bad_rows": first.get("bad_rows", {}),
    }


def _summary(values: Sequence[float]) -> dict:
    deviation = statistics.stdev(values) if len(values) > 1 else 0.0
    return {"mean": statistics.fmean(values), "std": deviation, "values": list(values)}


def _model(directory: str) -> dict:
    """Return what is known of the model: sizes, weights and the run that pretrained it."""
    settings = files.read_json(os.path.join(directory, workdir.CONFIG_FILE))
    found = {"path": directory, "sizes": describe_model(settings)}
    above = os.path.dirname(os.path.abspath(directory))
    if not workdir.is_workdir(above):
        return found | {"pretraining": "not known: the model is not in a work directory"}
    run = read_run(above)
    if run.is_finetuning:
        return found | {"pretraining": f"fine-tuned on {run.config['task'].get('name')}"}
    minutes = seconds(run)
    return found | {
        "weights": run.weights,
        "pretraining": describe_objectives(run),
        "steps": steps_of(run),
        "tokens": tokens(run),
        "minutes": None if minutes is None else round(minutes / 60, 1),
        "records": run.inputs.get("records"),
        "seed": run.seed,
    }


def _facts(results: dict) -> list[str]:
    """Return the sentences above the tables."""
    model = results["model"]
    facts = [f"Model: {model['sizes']}. Pretraining: {model['pretraining']}."]
    if model.get("tokens"):
        spent = f", {model['minutes']:,} minutes" if model.get("minutes") else ""
        facts[0] += f" {model['steps']} steps, {in_millions(model['tokens'])} tokens{spent}."
    for name, reason in results["missing"].items():
        facts.append(f"Skipped: {name} ({reason}).")
    for name, status in results["failed"].items():
        facts.append(f"Failed: {name} (exit status {status}).")
    for name in results["unfinished"]:
        facts.append(f"Unfinished: {name}.")
    return facts


def scores_table(results: dict) -> Table:
    """Return the table of the model's own scores, a row a benchmark."""
    header = (
        "benchmark", "score", "other scores", "seeds", "scored on", "train", "dev", "scored",
        "epoch", "batch", "minutes a seed",
    )  # fmt: skip
    table = Table(header)
    notes: dict[str, None] = {f"Protocol: {results['protocol']}.": None}
    for name, row in results["benchmarks"].items():
        main, scores = row["main_metric"], row["scores"]
        others = [each for each in scores if each != main]
        counts = row["counts"] or {}
        minutes = [value / 60 if value else None for value in row["training_seconds"]]
        table.rows.append([
            row["config"],
            f"{label(main)} {spread(scores[main]['values'])}",
            ", ".join(f"{label(each)} {spread(scores[each]['values'])}" for each in others) or "–",
            ", ".join(map(str, row["seeds"])),
            row["scored_on"].partition(":")[0],
            *(f"{counts[part]:,}" if part in counts else "–" for part in ("train", "dev", "test")),
            f"{', '.join(map(str, row['chosen_epochs']))} of {row['epochs']}",
            str(row["batch_size"]),
            spread(minutes, 1),
        ])  # fmt: skip
        if ":" in row["scored_on"]:
            notes[f"{name}: scored on {row['scored_on']}."] = None
        if row["note"]:
            notes[f"{name}: {row['note']}."] = None
        for file, number in row["dropped"].items():
            notes[f"{name}: {number:,} rows of {file} were dropped."] = None
        for file, bad in row["bad_rows"].items():
            notes[f"{name}: {bad['count']:,} unreadable rows of {file} were skipped."] = None
    table.notes = [*notes, "±: sample standard deviation over the seeds."]
    return table


def comparison(results: dict) -> Table:
    """Return the table beside published models, in percent."""
    own = own_scores(results)
    columns = list(own)
    theirs = published_scores(columns)
    known = {column for scores in theirs.values() for column in scores}
    columns = [column for column in columns if column in known or _is_main(column, results)]
    table = Table(["model", *(f"{name} {label(score)}" for name, score in columns)])
    if not columns:
        return table
    path = results["model"]["path"]
    table.rows.append([path, *(spread(own[column], 2) for column in columns)])
    for model, scores in theirs.items():
        cells = [f"{scores[column]:.2f}" if column in scores else "–" for column in columns]
        table.rows.append([model, *cells])
    table.notes = [
        f"{source.title}: {source.address} ({source.protocol})." for source in sources_of(columns)
    ]
    table.notes.append(
        "Published models have other sizes, data and fine-tuning; figures of one source compare "
        "best with each other."
    )
    return table


def own_scores(results: dict) -> dict[Column, list[float]]:
    """Return the scores of each seed in percent, with the average of each complete suite."""
    found: dict[Column, list[float]] = {}
    for name, row in results["benchmarks"].items():
        main = row["main_metric"]
        for score in (main, *(each for each in row["scores"] if each != main)):
            found[name, score] = [100 * value for value in row["scores"][score]["values"]]
    for suite, members in SUITES.items():
        rows = [results["benchmarks"].get(name) for name in members]
        if all(rows) and len({tuple(row["seeds"]) for row in rows}) == 1:
            values = [row["scores"][row["main_metric"]]["values"] for row in rows]
            found[suite, AVERAGE] = [
                100 * statistics.fmean(each) for each in zip(*values, strict=True)
            ]
    return found


def _is_main(column: Column, results: dict) -> bool:
    name, score = column
    if score == AVERAGE:
        return True
    return results["benchmarks"][name]["main_metric"] == score


def label(score: str) -> str:
    """Return a score's name as tables of papers have it."""
    return ENGLISH.get(score, score.replace("_", " "))
