"""Make the tf.distribute strategy."""

import json
import os

import tensorflow as tf

from kortf.errors import InputError

STRATEGIES = ("auto", "one", "mirrored", "multiworker", "tpu")


def make_strategy(
    name: str = "auto", virtual_devices: int = 0, tpu: str | None = None
) -> tf.distribute.Strategy:
    """Make a strategy; called before anything else touches a device.

    Args:
        name: `one` device; `mirrored` over the devices of this machine; `multiworker` over the
            machines that the environment variable TF_CONFIG names; `tpu`; or `auto`: multiworker
            where TF_CONFIG names several workers, tpu where one is named, mirrored when there are
            several GPUs or virtual devices, else one.
        virtual_devices: Number of logical devices to split the CPU into, to try several replicas
            without several devices; 0 leaves it whole.
        tpu: Name or address of a TPU; None for the environment variable TPU_NAME, or for `local`,
            the TPU of this machine.

    Raises:
        InputError: The name is unknown, or a device that the strategy needs is missing.
    """
    if name not in STRATEGIES:
        raise InputError(
            f"--strategy={name}", "no such strategy", f"choose one of {', '.join(STRATEGIES)}"
        )
    if name == "auto":
        name = _fitting(tpu)
    if virtual_devices and name in ("multiworker", "tpu"):
        problem = f"--strategy={name} has its own devices"
        raise InputError("--virtual_devices", problem, "leave it out")
    if name == "multiworker":
        check_tf_config(os.environ.get("TF_CONFIG"))
        return tf.distribute.MultiWorkerMirroredStrategy()
    if name == "tpu":
        return _tpu_strategy(tpu or os.environ.get("TPU_NAME") or "local")
    if virtual_devices:
        _split_cpu(virtual_devices)
        devices = [f"CPU:{i}" for i in range(virtual_devices)]
    else:
        devices = [f"GPU:{i}" for i in range(len(tf.config.list_physical_devices("GPU")))]
    if name == "mirrored" or (name == "auto" and len(devices) > 1):
        # Summing on the CPU in a fixed order keeps a run repeatable bit for bit.
        reduction = (
            None
            if devices and devices[0].startswith("GPU")
            else tf.distribute.ReductionToOneDevice()
        )
        return tf.distribute.MirroredStrategy(devices or ["CPU:0"], cross_device_ops=reduction)
    return tf.distribute.get_strategy()


def check_tf_config(text: str | None) -> None:
    """Raise an InputError when TF_CONFIG does not name this process and the others.

    Args:
        text: Value of TF_CONFIG, such as
            `{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}`.
    """
    cure = (
        'set it to {"cluster": {"worker": ["HOST:PORT", …]}, '
        '"task": {"type": "worker", "index": N}}, N from 0, different on each'
    )
    if not text:
        raise InputError("--strategy=multiworker", "TF_CONFIG is not set", cure)
    try:
        value = json.loads(text)
        jobs, task = value["cluster"], value["task"]
        hosts, index = jobs[task["type"]], int(task["index"])
    except (ValueError, KeyError, TypeError) as error:
        problem = f"cannot be read ({type(error).__name__}: {error})"
        raise InputError("TF_CONFIG", problem, cure) from error
    if not 0 <= index < len(hosts):
        problem = f"index {index} of {len(hosts)} {task['type']}(s)"
        raise InputError("TF_CONFIG", problem, cure)


def _fitting(tpu: str | None) -> str:
    """Return the strategy that `auto` means, as far as the environment determines it."""
    config = os.environ.get("TF_CONFIG")
    if config:
        check_tf_config(config)
        if sum(map(len, json.loads(config)["cluster"].values())) > 1:
            return "multiworker"
    return "tpu" if tpu or os.environ.get("TPU_NAME") else "auto"


def _split_cpu(number: int) -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    logical = [tf.config.LogicalDeviceConfiguration()] * number
    try:
        tf.config.set_logical_device_configuration(cpu, logical)
    except RuntimeError as error:
        if len(tf.config.list_logical_devices("CPU")) != number:
            problem = "the devices of this process are already set up"
            raise InputError("--virtual_devices", problem, "start a new process") from error


def _tpu_strategy(name: str) -> tf.distribute.Strategy:
    try:
        resolver = tf.distribute.cluster_resolver.TPUClusterResolver(tpu=name)
        tf.config.experimental_connect_to_cluster(resolver)
        tf.tpu.experimental.initialize_tpu_system(resolver)
    # No such name, no network, no library.
    except (ValueError, RuntimeError, OSError, ImportError, tf.errors.OpError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0][:160]
        cure = "name one with --tpu=NAME or TPU_NAME; docs/tpu.md lists the requirements"
        raise InputError(f"--strategy=tpu, {name}", f"no TPU answers ({reason})", cure) from error
    return tf.distribute.TPUStrategy(resolver)


def on_accelerator() -> bool:
    """Return whether there is a GPU: then XLA compiles the forward and backward pass as a whole."""
    return (
        bool(tf.config.list_physical_devices("GPU"))
        and os.environ.get("CUDA_VISIBLE_DEVICES") != ""
    )
