"""The flags of MLflow, and a training that it follows."""

from collections.abc import Callable

from absl import flags

from kortf.errors import InputError


def define_tracking_flags(flag_values: flags.FlagValues) -> None:
    """Defines the flags that all training verbs share."""
    flags.DEFINE_boolean(
        "mlflow",
        False,
        "Report to MLflow: at MLFLOW_TRACKING_URI, or in WORKDIR/mlruns.",
        flag_values=flag_values,
    )
    flags.DEFINE_boolean(
        "mlflow_model",
        False,
        "With --mlflow, keep the whole model directory there as well.",
        flag_values=flag_values,
    )


def tracked(flag_values: flags.FlagValues, verb: str, workdir: str, train: Callable) -> int:
    """Runs a training, in an MLflow run if the flags ask for one.

    Args:
        flag_values: parsed.
        verb: that trains.
        workdir: of the training.
        train: takes the `Tracking`, or None, and returns an exit status.
    """
    if not flag_values.mlflow:
        if flag_values.mlflow_model:
            raise InputError("--mlflow_model", "there is no MLflow run to keep it", "add --mlflow")
        return train(None)
    from kortf.train.tracking.tracking import Tracking

    source, above = f"kortf {verb}", flag_values.workdir
    with Tracking(workdir, source, above, flag_values.mlflow_model) as tracking:
        tracking.exit_status = train(tracking)
        return tracking.exit_status
