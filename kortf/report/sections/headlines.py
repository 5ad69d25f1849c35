"""Headline of each configuration: its score, with the split and the protocol."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from kortf.report.run import EVAL, Run
from kortf.report.runs import Runs
from kortf.report.tables.finetuning_table import main_metric, task_title
from kortf.report.tables.measures import is_score, values
from kortf.report.tables.seeds import group_name, group_seeds, spread


@dataclass(frozen=True)
class Headline:
    """The result of a configuration in two lines.

    Attributes:
        name: Name of the run or its seeds.
        metric: Name of the figure.
        value: Figure, with its standard deviation over several seeds.
        detail: Split, number of examples and protocol, or the state of the run.
    """

    name: str
    metric: str
    value: str
    detail: str


def headlines(runs: Runs) -> list[Headline]:
    """Return a headline for each configuration, fine-tunings first."""
    found = [_of_finetuning(group) for group in group_seeds(runs.finetunings)]
    found += [_of_pretraining(group) for group in group_seeds(runs.pretrainings)]
    return found


def headlines_html(found: Sequence[Headline]) -> str:
    """Render headlines as cards."""
    cards = [
        f"<div class='card'><div class='note'>{html.escape(each.name)}</div>"
        f"<div class='figure'><b>{html.escape(each.value)}</b> {html.escape(each.metric)}</div>"
        f"<div class='note'>{html.escape(each.detail)}</div></div>"
        for each in found
    ]
    return f"<div class='cards'>{''.join(cards)}</div>"


def _of_finetuning(group: Sequence[Run]) -> Headline:
    run, metric = group[0], main_metric(group[0])
    name = f"{group_name(group)} · {task_title(run)}"
    if not run.finished:
        return Headline(name, metric or "", "–", run.status)
    result = run.evaluation or {}
    scores = [(member.evaluation or {}).get("scores", {}).get(metric) for member in group]
    split = str(result.get("split", ""))
    count = (result.get("counts") or {}).get(split)
    parts = [f"{split}, {count:,} examples" if count else split, str(result.get("protocol", ""))]
    return Headline(name, metric or "", spread(scores), "; ".join(part for part in parts if part))


def _of_pretraining(group: Sequence[Run]) -> Headline:
    run = group[0]
    for prefix, lines, where in (
        (EVAL, "evaluations", "held-out text"),
        ("", "intervals", "training text"),
    ):
        names = dict.fromkeys(name for line in getattr(run, lines) for name in line)
        scores = [name for name in names if name.startswith(prefix) and is_score(name)]
        if scores:
            last = [values(getattr(member, lines), scores[0]) for member in group]
            figures = [known[-1][1] if known else None for known in last]
            metric = scores[0].removeprefix(EVAL).replace("_", " ")
            return Headline(group_name(group), metric, spread(figures), f"{where}; {run.status}")
    return Headline(group_name(group), "", "–", run.status)
