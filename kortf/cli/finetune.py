"""Fine-tune a model directory on a benchmark and score it; run again, it goes on.

Example:
    kortf finetune --config=configs/finetune/nsmc.py --data=data/nsmc \\
        --init_from=runs/bert-mini/model --workdir=runs/nsmc
"""

from absl import flags

from kortf.cli.pretrain import define_training_flags
from kortf.train.config import define_config


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Defines the flags."""
    define_config(flag_values, argv, "configs/finetune/nsmc.py")
    flags.DEFINE_string(
        "data", None, "Directory of the benchmark's files.", flag_values=flag_values
    )
    flags.DEFINE_boolean(
        "skip_bad_rows", False, "Pass over rows that cannot be read, and name them in eval.json.",
        flag_values=flag_values,
    )  # fmt: skip
    define_training_flags(flag_values)
    flags.mark_flags_as_required(["config", "data", "workdir", "init_from"], flag_values)


def main(flag_values: flags.FlagValues) -> int:
    """Runs the fine-tuning."""
    from kortf.train.finetune import finetune

    return finetune(
        flag_values.config,
        flag_values.data,
        flag_values.workdir,
        flag_values.init_from,
        flag_values.strategy,
        flag_values.virtual_devices,
        flag_values.skip_bad_rows,
    )
