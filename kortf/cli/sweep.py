"""Search the settings of a fine-tuning by its dev scores; run it again to continue.

Example:
    kortf sweep --config=question_pair --data=data/question_pair \\
        --init_from=runs/bert-mini/model --workdir=runs/sweep --trials=20

`config.search` names the keys and their values: `log LOW HIGH`, `uniform LOW HIGH`, `int LOW HIGH`
or `choice A B …`. Every trial trains in `WORKDIR/trial-N`. The dev part chooses the best trial,
which scores the test part once; `sweep.json` and `sweep.md` have a row for each trial. It needs
Optuna: pip install 'kortf[sweep]'.
"""

from absl import flags

from kortf.cli.finetune import sources_of
from kortf.cli.flags.input import define_task_input
from kortf.cli.flags.tracking import sweep_run, tracked
from kortf.cli.pretrain import define_training_flags, placement
from kortf.stage import show_stage
from kortf.train.settings.config import define_config


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags."""
    define_config(flag_values, argv, "configs/finetune/nsmc.py")
    of = {"flag_values": flag_values}
    flags.DEFINE_string("data", None, "directory of the benchmark's files", **of)
    flags.DEFINE_string("teacher", None, "fine-tuned model directory, as in finetune", **of)
    flags.DEFINE_integer("trials", 20, "number of trials", lower_bound=1, **of)
    flags.DEFINE_boolean(
        "prune", True, "end a trial whose best dev score is below the median of those before it",
        **of,
    )  # fmt: skip
    flags.DEFINE_integer(
        "startup", 5, "trials of random values, before the sampler learns and trials are pruned",
        lower_bound=1, **of,
    )  # fmt: skip
    define_task_input(flag_values)
    define_training_flags(flag_values)
    flags.mark_flags_as_required(["config", "data", "workdir", "init_from"], flag_values)


def main(flag_values: flags.FlagValues) -> int:
    """Run the sweep."""
    show_stage("loading TensorFlow")
    from kortf.train.finetune import finetune
    from kortf.train.sweep.sweep import Options, sweep

    sources = sources_of(flag_values)
    options = Options(flag_values.trials, flag_values.prune, flag_values.startup)

    with sweep_run(flag_values) as parent:

        def train(config, directory, trial):
            def run(tracker):
                return finetune(config, sources, directory, placement(flag_values), tracker, trial)

            return tracked(flag_values, "sweep", directory, run, parent)

        return sweep(flag_values.config, options, flag_values.workdir, train)
