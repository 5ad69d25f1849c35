"""Flag of the verbs whose work Apache Beam can spread over many machines."""

from absl import flags

from kortf.data.beam import BeamRunner
from kortf.errors import InputError


def define_runner(flag_values: flags.FlagValues) -> None:
    """Define `--runner`; options of the runner follow `--`."""
    flags.DEFINE_string(
        "runner",
        None,
        "Apache Beam runner: DirectRunner, DaskRunner, FlinkRunner, SparkRunner, DataflowRunner; "
        "worker processes of this machine by default",
        flag_values=flag_values,
    )


def make_runner(
    flag_values: flags.FlagValues, options: list[str], verb: str, workers: int
) -> BeamRunner | None:
    """Return the runner that the flags name, None without `--runner`.

    Args:
        flag_values: Flags of the verb.
        options: Arguments behind `--`.
        verb: Name of the verb.
        workers: Number of processes of the DirectRunner.

    Raises:
        InputError: There are options without a runner, or see `BeamRunner`.
    """
    if flag_values.runner:
        return BeamRunner(flag_values.runner, options, workers)
    if options:
        raise InputError(f"'{options[0]}'", "is not a flag", f"see kortf {verb} --help")
    return None
