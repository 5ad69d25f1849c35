"""Run a fine-tuning with several seeds or folds, and summarize mean and standard deviation."""

import os
from collections.abc import Callable, Mapping, Sequence

import keras
import ml_collections
import numpy as np

from kortf import files
from kortf.errors import InputError
from kortf.train.settings.config import kept_dtypes
from kortf.train.settings.identity import check_same_inputs

SUMMARY_FILE = "seeds.json"
FOLDS_FILE = "folds.json"

Run = Callable[[ml_collections.ConfigDict, str], int]
"""Runs a fine-tuning, from a config and a work directory, and returns an exit status."""


def finetune_seeds(
    seeds: Sequence[int],
    config: ml_collections.ConfigDict,
    workdir: str,
    run: Run,
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
        InputError: If a seed is given twice, `workdir` is the work directory of a single run, or
            the runs have read other inputs.
    """
    if len(set(seeds)) != len(seeds):
        raise InputError("--seeds", "a seed is given twice", "give each seed once")
    settings = {f"seed-{seed}": {"seed": seed} for seed in seeds}
    status, results = _run_each(settings, config, workdir, run)
    if status:
        return status
    summary = summarize(results)
    files.write_json(os.path.join(workdir, SUMMARY_FILE), summary)
    _print(summary["scores"], f"{len(seeds)} seeds")
    return 0


def finetune_folds(folds: int, config: ml_collections.ConfigDict, workdir: str, run: Run) -> int:
    """Run a fine-tuning once for each fold of the train part, and write `folds.json`.

    Each fold is the dev part of one run, which trains on the others: cross-validation. The scores
    on the dev parts are summarized as `dev`, those on the test part as `scores`.

    Args:
        folds: Number of folds, at least 2.
        config: Config of the fine-tuning.
        workdir: Directory of the work directories `fold-N`.
        run: Function that runs one.

    Returns:
        Exit status: 0, or that of the signal that ended the run.

    Raises:
        InputError: The number is below 2, or `workdir` is the work directory of a single run.
    """
    if folds < 2:
        raise InputError(f"--folds={folds}", "must be at least 2", "choose 5")
    settings = {f"fold-{fold}": {"folds": folds, "fold": fold} for fold in range(folds)}
    status, results = _run_each(settings, config, workdir, run)
    if status:
        return status
    dev = summarize([{**result, "scores": result["dev"]} for result in results])["scores"]
    summary = summarize(results) | {"folds": folds, "dev": dev}
    del summary["seeds"]
    files.write_json(os.path.join(workdir, FOLDS_FILE), summary)
    _print({f"dev {name}": score for name, score in dev.items()}, f"{folds} folds")
    _print({f"test {name}": score for name, score in summary["scores"].items()}, f"{folds} folds")
    return 0


def _run_each(
    settings: Mapping[str, dict], config: ml_collections.ConfigDict, workdir: str, run: Run
) -> tuple[int, list[dict]]:
    """Run a fine-tuning in each directory with its settings; return the contents of `eval.json`."""
    if files.exists(os.path.join(workdir, "config.json")):
        cure = "name another --workdir"
        raise InputError(workdir, "this is the work directory of a single run", cure)
    directories = [os.path.join(workdir, name) for name in settings]
    for directory, values in zip(directories, settings.values(), strict=True):
        own = ml_collections.ConfigDict(kept_dtypes(config, directories).to_dict())
        own.update(values)
        keras.utils.clear_session(free_memory=False)  # or weights would get other names
        status = run(own, directory)
        if status:
            return status, []
        check_same_inputs(directories[0], directory)
    return 0, [files.read_json(os.path.join(each, "eval.json")) for each in directories]


def _print(scores: Mapping[str, dict], of: str) -> None:
    for name, score in scores.items():
        print(f"{name} {score['mean']:.4f} \u00b1 {score['std']:.4f} ({of})")


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
