"""Make tables, curves and a page of work directories.

  kortf report runs/bert runs/nsmc-1 runs/nsmc-2 --output=runs/report --data=data/nsmc

Writes report.md, index.html (opens in a browser, needs nothing else) and an SVG a curve. Runs that
differ in nothing but their seed make one row, mean ± standard deviation. The pretraining that a
fine-tuning began from is found by itself, as WORKDIR/model. Runs under way are shown as such.
"""

from absl import flags

TAKES_NAMES = True


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf report`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("output", None, "directory for the report", required=True, **of)
    flags.DEFINE_enum(
        "axis", "tokens", ["tokens", "steps", "minutes"], "what pretrainings are drawn over", **of
    )
    flags.DEFINE_list(
        "data", [], "directories with the scored files, to show what was taken for what", **of
    )


def main(flag_values: flags.FlagValues, workdirs: list[str]) -> None:
    """Writes the report and names its parts."""
    from kortf.report.report import write_report

    for path in write_report(workdirs, flag_values.output, flag_values.axis, flag_values.data):
        print(path)
