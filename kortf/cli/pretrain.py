"""Pretrain an encoder on records; the same command again continues a run.

Example:
    kortf pretrain --config=bert:mini --records=runs/records \\
        --vocab=runs/vocab --workdir=runs/bert-mini
"""

from absl import flags

from kortf.cli.flags.tracking import define_tracking_flags, tracked
from kortf.stage import show_stage
from kortf.train.settings.config import define_config

# Command that usually follows, with values of flags.
NEXT = "kortf finetune --config=nsmc --data=DIR --init_from={workdir}/model --workdir=DIR"


def define_training_flags(flag_values: flags.FlagValues) -> None:
    """Define the flags that all training verbs share."""
    flags.DEFINE_string(
        "workdir",
        None,
        "directory for checkpoints, metrics and the model",
        flag_values=flag_values,
    )
    flags.DEFINE_string("init_from", None, "model directory to start from", flag_values=flag_values)
    flags.DEFINE_enum(
        "strategy",
        "auto",
        ["auto", "one", "mirrored", "multiworker", "tpu"],
        "placement of the replicas",
        flag_values=flag_values,
    )
    flags.DEFINE_integer(
        "virtual_devices",
        0,
        "number of virtual devices that the CPU is split into, to try several replicas",
        lower_bound=0,
        flag_values=flag_values,
    )
    flags.DEFINE_string(
        "tpu", None, "name or address of a TPU; the default is TPU_NAME", flag_values=flag_values
    )
    flags.DEFINE_integer(
        "steps_per_loop",
        50,
        "maximum number of steps on the device between two checks by the host",
        lower_bound=1,
        flag_values=flag_values,
    )
    define_tracking_flags(flag_values)


def placement(flag_values: flags.FlagValues):
    """Return the `Placement` that these flags describe."""
    from kortf.train.loop.devices.placement import Placement

    names = ("strategy", "virtual_devices", "tpu", "steps_per_loop")
    return Placement(**{name: flag_values[name].value for name in names})


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags."""
    define_config(flag_values, argv, "configs/pretrain/bert.py:small")
    flags.DEFINE_string("records", None, "records to train on", flag_values=flag_values)
    flags.DEFINE_string("vocab", None, "vocabulary of the records", flag_values=flag_values)
    flags.DEFINE_string("eval_records", None, "records of held-out text", flag_values=flag_values)
    flags.DEFINE_boolean(
        "dry_run",
        False,
        "estimate time, memory and disk from a few steps, and write nothing",
        flag_values=flag_values,
    )
    flags.DEFINE_boolean(
        "verify", False, "compare the checksum of every record first", flag_values=flag_values
    )
    flags.DEFINE_boolean(
        "allow_unknown",
        False,
        "train on records of which more than half is [UNK]",
        flag_values=flag_values,
    )
    flags.DEFINE_string(
        "teacher",
        None,
        "pretrained model directory from which the model learns as well",
        flag_values=flag_values,
    )
    define_training_flags(flag_values)
    flags.mark_flags_as_required(["config", "records", "vocab", "workdir"], flag_values)


def main(flag_values: flags.FlagValues) -> int:
    """Run the pretraining."""
    show_stage("loading TensorFlow")
    from kortf.train.inputs.pretraining_inputs import Sources
    from kortf.train.pretrain import pretrain

    names = ("records", "vocab", "eval_records", "init_from", "verify", "allow_unknown", "teacher")
    sources = Sources(**{name: flag_values[name].value for name in names})

    def train(tracker):
        config, workdir = flag_values.config, flag_values.workdir
        where = placement(flag_values)
        return pretrain(config, sources, workdir, where, tracker, flag_values.dry_run)

    if flag_values.dry_run:
        return train(None)
    return tracked(flag_values, "pretrain", flag_values.workdir, train)
