"""Make tables, curves and a page of work directories.

  kortf report runs/bert runs/nsmc-1 runs/nsmc-2 --output=runs/report

Writes report.md, index.html (one file that opens in a browser) and an SVG a curve. Runs that differ
only in their seed make one row, mean ± standard deviation. The pretraining that a fine-tuning
started from is found as WORKDIR/model. Unfinished runs are marked. Confusion matrices and errors
come from the examples.jsonl of each run.
"""

from absl import flags

TAKES_NAMES = True
# Command that usually follows, with values of flags.
NEXT = "open {output}/index.html"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf report`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("output", None, "directory for the report", required=True, **of)
    flags.DEFINE_enum(
        "axis", "tokens", ["tokens", "steps", "minutes"], "axis of the pretraining curves", **of
    )
    flags.DEFINE_list(
        "data", [], "ignored; directories with the scored files, in version 0.1", **of
    )


def main(flag_values: flags.FlagValues, workdirs: list[str]) -> None:
    """Write the report, and print the paths of its files."""
    from kortf.report.report import write_report

    for path in write_report(workdirs, flag_values.output, flag_values.axis, flag_values.data):
        print(path)
