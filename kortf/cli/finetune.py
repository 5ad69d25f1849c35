"""Fine-tune a model directory on a benchmark and score it; run it again to continue.

Example:
    kortf finetune --config=nsmc --data=data/nsmc \\
        --init_from=runs/bert-mini/model --workdir=runs/nsmc

The dev part chooses the epoch and the test part is scored once. `--seeds=1,2,3` trains once with
each, in `WORKDIR/seed-N`, and reports mean and standard deviation. `--folds=5` does so for five
dev parts that are cut from the train part (cross-validation). `--protocol=koelectra` reports
the epoch that is best on the test part, as published tables did; eval.json and the card say so.
"""

from absl import flags

from kortf.cli.flags.input import define_task_input
from kortf.cli.flags.tracking import tracked
from kortf.cli.pretrain import define_training_flags, placement
from kortf.errors import InputError
from kortf.stage import show_stage
from kortf.train.settings.config import define_config

# Command that usually follows, with values of flags.
NEXT = "kortf report {workdir} --output=DIR"


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags."""
    define_config(flag_values, argv, "configs/finetune/nsmc.py")
    of = {"flag_values": flag_values}
    flags.DEFINE_string("data", None, "directory of the benchmark's files", **of)
    flags.DEFINE_list("seeds", [], "seeds to train with, one after the other", **of)
    flags.DEFINE_integer(
        "folds", None, "cross-validation: number of dev parts, with one training for each", **of
    )
    flags.DEFINE_string(
        "protocol", None, "part that chooses the epoch: honest (dev) or koelectra (test)",
        **of,
    )  # fmt: skip
    define_task_input(flag_values)
    flags.DEFINE_boolean(
        "dry_run",
        False,
        "print a summary of the data, and time, memory and disk from a few steps; write nothing",
        **of,
    )
    flags.DEFINE_string(
        "teacher", None, "fine-tuned model directory whose answers the model learns as well", **of
    )
    define_training_flags(flag_values)
    flags.mark_flags_as_required(["config", "data", "workdir", "init_from"], flag_values)


def main(flag_values: flags.FlagValues) -> int:
    """Run the fine-tuning."""
    show_stage("loading TensorFlow")
    from kortf.train.finetune import finetune
    from kortf.train.seeds import finetune_folds, finetune_seeds

    config = flag_values.config
    if flag_values.protocol:
        config.protocol = flag_values.protocol
    sources = sources_of(flag_values, flag_values.dry_run)

    def run(own, directory):
        def train(tracker):
            return finetune(own, sources, directory, placement(flag_values), tracker)

        return tracked(flag_values, "finetune", directory, train)

    if flag_values.folds is not None:
        if flag_values.seeds:
            raise InputError("--folds", "--seeds is given as well", "give one of them")
        return finetune_folds(flag_values.folds, config, flag_values.workdir, run)
    if not flag_values.seeds:
        return run(config, flag_values.workdir)
    seeds = [parse_seed(word) for word in flag_values.seeds]
    return finetune_seeds(seeds, config, flag_values.workdir, run)


def sources_of(flag_values: flags.FlagValues, dry_run: bool = False):
    """Return the `Sources` that the flags of a fine-tuning name."""
    from kortf.train.inputs.finetuning_inputs import Sources

    names = ("data", "init_from", "skip_bad_rows", "allow_unknown", "encoding", "teacher")
    return Sources(**{name: flag_values[name].value for name in names}, dry_run=dry_run)


def parse_seed(word: str) -> int:
    """Return a seed of `--seeds`.

    Raises:
        InputError: If it is not a whole number in the range of seeds.
    """
    from kortf.train.settings.keys import check_seed

    if not word.strip().isdecimal():
        raise InputError(f"--seeds={word}", "not a whole number", "write --seeds=1,2,3")
    check_seed("--seeds", int(word))
    return int(word)
