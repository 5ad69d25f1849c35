"""Lines of a model card that all trainings share."""

import json
import os
from collections.abc import Mapping

from kortf import files
from kortf.duration import duration
from kortf.pretrained.card import bullets, place

_SHOWN = 10  # names of files; the rest is counted


def recipe(written: Mapping, seconds: float, replicas: int | None = None) -> str:
    """Describe a training by the `config.json` of its work directory.

    Args:
        written: Content of the file.
        seconds: Seconds of training.
        replicas: Number of replicas.
    """
    config, versions = written["config"], written["versions"]
    rows = {
        "batch": f"{config['batch_size']:,} rows",
        "optimizer": named(config["optimizer"]),
        "schedule": named(config["schedule"]),
        "dtype": config["dtype"],
        "seed": config["seed"],
        "time": duration(round(seconds)) + (f" on {replicas} replica(s)" if replicas else ""),
        "software": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "started from": place(written["inputs"].get("init_from")),
    }
    return bullets(rows)


def named(settings: Mapping) -> str:
    """Return settings in a line, the name first.

    Example:
        >>> named({"name": "adamw", "learning_rate": 0.001, "clip": None})
        'adamw (learning_rate 0.001)'
    """
    rest = [f"{k} {v}" for k, v in settings.items() if k != "name" and v is not None]
    return settings["name"] + (f" ({', '.join(rest)})" if rest else "")


def title(workdir: str) -> str:
    """Return the name of a model: that of its work directory.

    Example:
        >>> title("runs/nsmc"), title("runs/nsmc/seed-1")
        ('nsmc', 'nsmc, seed-1')
    """
    above, name = os.path.split(os.path.abspath(workdir))
    return (
        f"{os.path.basename(above)}, {name}"
        if name.startswith(("seed-", "fold-", "trial-"))
        else name
    )


def listed(names: list[str]) -> str:
    """Return names separated by commas; of many, the first ones and the number of the others."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def table(values: Mapping[str, float], header: str = "value") -> str:
    """Return a Markdown table of numbers by name, with four digits."""
    rows = [f"| {name} | {value:.4f} |" for name, value in values.items() if value is not None]
    return "\n".join([f"| | {header} |", "|---|---:|", *rows])


def last_metrics(workdir: str) -> tuple[dict, dict]:
    """Return the last line of training and of evaluation in a run's `metrics.jsonl`."""
    path, training, evaluation = os.path.join(workdir, "metrics.jsonl"), {}, {}
    if files.exists(path):
        with files.open_file(path, "r") as file:
            for line in map(json.loads, file):
                if any(name.startswith("eval/") for name in line):
                    evaluation = line
                elif "warning" not in line:
                    training = line
    return training, evaluation
