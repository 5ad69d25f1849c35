"""Fetch the published files of a benchmark, each checked, after showing its licence.

  kortf download nsmc --output=data/nsmc

A call that was stopped goes on where it was when it is given again; files that are there are only
checked. The benchmarks: nsmc, korquad, klue_ner, kmou_ner, kornli, korsts, paws, question_pair,
hate_speech. What was fetched stands in downloads.json.
"""

from absl import flags

from kortf.download.source import HOST
from kortf.errors import InputError

TAKES_NAMES = True


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags of `kortf download`."""
    of = {"flag_values": flag_values}
    flags.DEFINE_string("output", None, "directory for the files", required=True, **of)
    flags.DEFINE_string("mirror", HOST, "address that has the repositories of the files", **of)


def main(flag_values: flags.FlagValues, names: list[str]) -> None:
    """Fetches, and says so file by file."""
    from kortf.download.download import CATALOGUE, download

    if len(names) != 1:
        problem = "no benchmark is named" if not names else f"{len(names)} benchmarks are named"
        raise InputError("TASK", problem, f"name one of {', '.join(CATALOGUE)}")
    for line in download(names[0], flag_values.output, flag_values.mirror):
        print(line, flush=True)
