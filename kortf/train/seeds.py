"""Run a fine-tuning with several seeds, and summarize mean and standard deviation."""

import os
from collections.abc import Callable, Sequence

import keras
import ml_collections
import numpy as np

from kortf import files
from kortf.errors import InputError

SUMMARY_FILE = "seeds.json"


def finetune_seeds(
    seeds: Sequence[int],
    config: ml_collections.ConfigDict,
    workdir: str,
    run: Callable[[ml_collections.ConfigDict, str], int],
) -> int:
    """Run a fine-tuning once for each seed, and write `seeds.json`; run it again to continue.

    Args:
        seeds: Seeds of the head's initial weights, the order, the dropout and the held-back rows.
        config: Config of the fine-tuning; its own seed is replaced.
        workdir: Directory of the work directories `seed-N`.
        run: Function that runs one, from a config and a work directory, and returns an exit status.

    Returns:
        Exit status: 0, or that of the signal that ended the run.

    Raises:
        InputError: If a seed is given twice, or `workdir` is the work directory of a single run.
    """
    if len(set(seeds)) != len(seeds):
        raise InputError("--seeds", "a seed is given twice", "give each seed once")
    if files.exists(os.path.join(workdir, "config.json")):
        cure = "name another --workdir"
        raise InputError(workdir, "this is the work directory of a single run", cure)
    directories = [os.path.join(workdir, f"seed-{seed}") for seed in seeds]
    for seed, directory in zip(seeds, directories, strict=True):
        own = ml_collections.ConfigDict(config.to_dict())
        own.seed = seed
        keras.utils.clear_session(free_memory=False)  # or weights would get other names
        status = run(own, directory)
        if status:
            return status
    results = [files.read_json(os.path.join(each, "eval.json")) for each in directories]
    summary = summarize(results)
    files.write_json(os.path.join(workdir, SUMMARY_FILE), summary)
    for name, score in summary["scores"].items():
        print(f"{name} {score['mean']:.4f} \u00b1 {score['std']:.4f} ({len(seeds)} seeds)")
    return 0


def summarize(results: Sequence[dict]) -> dict:
    """Summarize the contents of several `eval.json`.

    Example:
        >>> runs = [{"task": "nsmc", "protocol": "honest", "seed": s, "scores": {"accuracy": a}}
        ...         for s, a in ((1, 0.86), (2, 0.88))]
        >>> summarize(runs)["scores"]["accuracy"]
        {'mean': 0.87, 'std': 0.0141, 'values': [0.86, 0.88]}

    Args:
        results: Contents of the files.

    Returns:
        `task`, `protocol`, `seeds`, and for each score `mean`, `std` (of a sample: n - 1; 0 for one
        run) and `values`.
    """
    scores = {}
    for name in results[0]["scores"]:
        values = [result["scores"][name] for result in results]
        std = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
        scores[name] = {
            "mean": round(float(np.mean(values)), 4), "std": round(std, 4), "values": values,
        }  # fmt: skip
    return {
        "task": results[0]["task"],
        "protocol": results[0]["protocol"],
        "seeds": [result["seed"] for result in results],
        "scores": scores,
    }
