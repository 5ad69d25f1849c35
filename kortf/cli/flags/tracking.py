"""The flags of MLflow, and a training that reports to it."""

import contextlib
from collections.abc import Callable, Iterator

from absl import flags

from kortf.errors import InputError


def define_tracking_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags that all training verbs share."""
    flags.DEFINE_boolean(
        "mlflow",
        False,
        "report to MLflow: at MLFLOW_TRACKING_URI, or in WORKDIR/mlruns",
        flag_values=flag_values,
    )
    flags.DEFINE_boolean(
        "mlflow_model",
        False,
        "with --mlflow, keep the whole model directory there as well",
        flag_values=flag_values,
    )


@contextlib.contextmanager
def sweep_run(flag_values: flags.FlagValues) -> Iterator[str | None]:
    """Yield the id of the MLflow run whose children are trials; None without `--mlflow`."""
    if not flag_values.mlflow:
        yield None
        return
    from kortf.train.tracking.mlflow_parent import MlflowParent

    with MlflowParent(flag_values.workdir, "kortf sweep") as parent:
        yield parent.run_id


def tracked(
    flag_values: flags.FlagValues,
    verb: str,
    workdir: str,
    train: Callable,
    parent: str | None = None,
) -> int:
    """Run a training, in an MLflow run if the flags ask for one.

    Args:
        flag_values: Parsed flags.
        verb: Verb that trains.
        workdir: Work directory of the training.
        train: Takes the `Tracker`, or None, and returns an exit status.
        parent: Id of the MLflow run of which this one is a child; None for none.
    """
    if not flag_values.mlflow:
        if flag_values.mlflow_model:
            raise InputError("--mlflow_model", "there is no MLflow run to keep it", "add --mlflow")
        return train(None)
    from kortf.train.tracking.mlflow_tracker import MlflowTracker

    source, above = f"kortf {verb}", flag_values.workdir
    with MlflowTracker(workdir, source, above, flag_values.mlflow_model, parent) as tracker:
        tracker.exit_status = train(tracker)
        return tracker.exit_status
