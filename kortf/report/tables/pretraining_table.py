"""Table of pretrainings."""

from collections.abc import Sequence

from kortf.report.run import EVAL, Run
from kortf.report.tables.measures import is_score, mean_loss, seconds, tokens, values
from kortf.report.tables.seeds import group_name, group_seeds, spread
from kortf.report.tables.sizes import describe_model, describe_objectives, in_millions
from kortf.report.tables.table import Table

HEADER = (
    "run", "model", "weights", "objectives", "steps", "batch", "tokens", "loss", "own scores",
    "held-back text", "seeds", "minutes", "state",
)  # fmt: skip


def pretraining_table(runs: Sequence[Run]) -> Table:
    """Tabulate pretrainings in the given order."""
    table = Table(HEADER, [_row(group) for group in group_seeds(runs)])
    for run in runs:
        kinds = dict.fromkeys(line["warning"] for line in run.warnings)
        table.notes += [f"{run.name} warned of: {kind}." for kind in kinds]
    return table.without_empty_columns()


def steps_of(run: Run) -> str:
    """Return the completed steps, and their total if the run has not ended.

    Example: "5,000", "400 of 2,332"
    """
    of = run.config.get("steps")
    return f"{run.step:,}" if run.finished or not of else f"{run.step:,} of {of:,}"


def seeds_of(group: Sequence[Run]) -> str:
    """Return the seeds of a group, ascending."""
    return ", ".join(
        str(seed) for seed in sorted(run.seed for run in group if run.seed is not None)
    )


def _row(group: Sequence[Run]) -> list[str]:
    run = group[0]
    return [
        group_name(group),
        describe_model(run.config.get("model") or {}),
        in_millions(run.weights),
        describe_objectives(run),
        steps_of(run),
        f"{run.config.get('batch_size', 0):,}",
        in_millions(tokens(run)),
        spread([mean_loss(run) for run in group], 3),
        _scores(group, run.intervals, ""),
        _scores(group, run.evaluations, EVAL),
        seeds_of(group),
        spread([value / 60 if (value := seconds(run)) else None for run in group], 1),
        run.status,
    ]


def _scores(group: Sequence[Run], lines: list[dict], prefix: str) -> str:
    """Return the last scores; of held-out text also the losses."""
    names = dict.fromkeys(name for line in lines for name in line if name.startswith(prefix))
    wanted = [n for n in names if is_score(n) or (prefix and n.endswith("_loss"))]
    return ", ".join(f"{n.removeprefix(prefix)} {_last(group, n, prefix)}" for n in wanted) or "–"


def _last(group: Sequence[Run], name: str, prefix: str) -> str:
    last = []
    for run in group:
        known = values(run.evaluations if prefix else run.intervals, name)
        last.append(known[-1][1] if known else None)
    return spread(last)
