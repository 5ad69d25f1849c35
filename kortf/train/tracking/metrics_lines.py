"""Read the lines of `metrics.jsonl` for MLflow."""

import json
import re
import time
from typing import Any

from kortf import files


def metrics_of(line: dict[str, Any]) -> dict[str, float]:
    """Return the measurements of a line of `metrics.jsonl` under TensorBoard's names.

    A warning has none.

    Example:
        >>> metrics_of({"step": 10, "time": 1.5, "loss": 2.5, "rtd_auc": None})
        {'train/loss': 2.5}
        >>> metrics_of({"step": 10, "time": 1.5, "eval/masked_lm_loss": 2.0})
        {'eval/masked_lm_loss': 2.0}
    """
    if "warning" in line:
        return {}
    metrics = {}
    for name, value in line.items():
        if name not in ("step", "time") and value is not None:  # null was not finite
            name = re.sub(r"[^\w.\- :/]", "_", name)  # MLflow takes no others
            metrics[name if "/" in name else f"train/{name}"] = value
    return metrics


def lines_of(path: str) -> list[dict[str, Any]]:
    """Return the lines of a `metrics.jsonl`; none where there is no such file."""
    if not files.exists(path):
        return []
    with files.open_file(path, "r") as file:
        return [json.loads(line) for line in file]


def entities_of(line: dict[str, Any]) -> list:
    """Return the measurements of a line as MLflow's entities."""
    from mlflow.entities import Metric

    milliseconds = int(line.get("time", time.time()) * 1000)
    return [Metric(k, v, milliseconds, line["step"]) for k, v in metrics_of(line).items()]
