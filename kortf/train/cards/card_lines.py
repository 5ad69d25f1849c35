"""Lines of a model card that every kind of training has: the recipe, and where things came from."""

import json
import os
from collections.abc import Mapping

from kortf import files
from kortf.pretrained.card import bullets, place
from kortf.train.loop.progress import duration

_SHOWN = 10  # names of files; the rest is counted


def recipe(written: Mapping, seconds: float, replicas: int | None = None) -> str:
    """How a model was trained, from its work directory's `config.json`.

    Args:
        written: the file's content.
        seconds: of training.
        replicas: that worked together.
    """
    config, versions = written["config"], written["versions"]
    rows = {
        "batch": f"{config['batch_size']:,} rows",
        "optimizer": named(config["optimizer"]),
        "schedule": named(config["schedule"]),
        "numbers": config["dtype"],
        "seed": config["seed"],
        "time": duration(seconds) + (f" on {replicas} replica(s)" if replicas else ""),
        "software": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "started from": place(written["inputs"].get("init_from")),
    }
    return bullets(rows)


def named(settings: Mapping) -> str:
    """Settings in a line, the name first.

    Example:
        >>> named({"name": "adamw", "learning_rate": 0.001, "clip": None})
        'adamw (learning_rate 0.001)'
    """
    rest = [f"{k} {v}" for k, v in settings.items() if k != "name" and v is not None]
    return settings["name"] + (f" ({', '.join(rest)})" if rest else "")


def title(workdir: str) -> str:
    """The name of a model: that of its work directory.

    Example:
        >>> title("runs/nsmc"), title("runs/nsmc/seed-1")
        ('nsmc', 'nsmc, seed-1')
    """
    above, name = os.path.split(os.path.abspath(workdir))
    return f"{os.path.basename(above)}, {name}" if name.startswith("seed-") else name


def listed(names: list[str]) -> str:
    """Names with commas between; of many the first, and how many more there are."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")


def table(values: Mapping[str, float], header: str = "value") -> str:
    """Markdown of numbers by name, four digits each."""
    rows = [f"| {name} | {value:.4f} |" for name, value in values.items() if value is not None]
    return "\n".join([f"| | {header} |", "|---|---:|", *rows])


def last_metrics(workdir: str) -> tuple[dict, dict]:
    """The last line of training and the last of an evaluation in a run's `metrics.jsonl`."""
    path, training, evaluation = os.path.join(workdir, "metrics.jsonl"), {}, {}
    if files.exists(path):
        with files.open_file(path, "r") as file:
            for line in map(json.loads, file):
                if any(name.startswith("eval/") for name in line):
                    evaluation = line
                elif "warning" not in line:
                    training = line
    return training, evaluation
