"""Write a small Korean corpus of our own, to try every other command on.

Half a megabyte in the formats and under the file names of the real data sets: an encyclopaedia of
an imaginary country (kowiki/), film reviews with and without labels (nsmc/), questions with answer
spans (korquad/), sentences with entities (klue/). The same seed gives the same bytes.

    kortf sample --output=runs/sample
"""

from absl import flags

from kortf.data.sample import write_sample

# Command that usually follows, with values of flags.
NEXT = "kortf vocab --input={output}/kowiki --output=DIR --size=4000"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of the verb."""
    del argv
    flags.DEFINE_string(
        "output", None, "directory to write to", required=True, flag_values=flag_values
    )
    flags.DEFINE_integer("seed", 0, "seed of the sample", lower_bound=0, flag_values=flag_values)


def main(flag_values: flags.FlagValues) -> None:
    """Write the sample and name the files."""
    sizes = write_sample(flag_values.output, flag_values.seed)
    for path, size in sizes.items():
        print(f"{size / 1e3:8.1f} kB  {flag_values.output}/{path}")
