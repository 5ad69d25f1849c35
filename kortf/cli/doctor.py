"""Check this machine for kortf: Python, packages, devices, memory, disk, and a speed figure.

  kortf doctor            # about ten seconds for the speed figure
  kortf doctor --nospeed

One line for each check: `ok`, `warn` with a cure, or `FAIL` with a cure. The exit status is 1 if a
check fails. Paste the output into a bug report: it names no path and no user.
"""

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

from absl import flags

import kortf

OK, WARN, FAIL = "ok", "warn", "FAIL"
GIB = 1 << 30
LITTLE_MEMORY, LITTLE_DISK = 4 * GIB, 5 * GIB
# Packages that kortf never needs but users ask about, with the extra that brings them.
OPTIONAL = {
    "huggingface-hub": "hub",
    "keras-hub": "hub",
    "rensa": "clean",
    "kiwipiepy": "kiwi",
    "apache-beam": "beam",
    "mlflow-skinny": "mlflow",
}
# Fail on import beside Keras 3, or change what Keras is.
CLASHING = {
    "tensorflow-addons": "uninstall it: README.md names kortf's replacements",
    "tf-keras": "unset TF_USE_LEGACY_KERAS; kortf uses Keras 3",
}
SPEED_SECONDS = 4.0
BATCH, LENGTH = 8, 128
SIZES = {"num_layers": 6, "num_heads": 4, "hidden_dim": 256, "max_length": LENGTH}
# Command that usually follows, with values of flags.
NEXT = "kortf sample --output=runs/data"


class Check(NamedTuple):
    """Result of one check.

    Attributes:
        name: Thing that was checked.
        value: Finding, as shown to the user.
        state: `ok`, `warn` or `FAIL`.
        cure: Action for the user, if the state is not `ok`.
    """

    name: str
    value: str
    state: str = OK
    cure: str = ""


def define(flag_values: flags.FlagValues, argv: list[str]) -> None:
    """Define the flags of `kortf doctor`."""
    del argv
    flags.DEFINE_bool("speed", True, "measure the speed of training", flag_values=flag_values)


def main(flag_values: flags.FlagValues) -> int:
    """Run `kortf doctor`."""
    failed = False
    for check in checks(flag_values.speed):
        end = f"; {check.cure}" if check.cure else ""
        print(f"{check.state:<4}  {check.name:<14}  {check.value}{end}", flush=True)
        failed = failed or check.state == FAIL
    return int(failed)


def checks(speed: bool) -> Iterator[Check]:
    """Yield all checks, the quick ones first."""
    yield check_python(sys.version_info[:2])
    yield Check("system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield from check_packages()
    yield check_memory()
    yield check_disk(os.curdir)
    yield from check_devices()
    if speed:
        yield check_speed()


def check_python(version: tuple[int, ...]) -> Check:
    """Check the version of Python."""
    text = ".".join(map(str, version))
    if (3, 11) <= version < (3, 14):
        return Check("Python", text)
    return Check("Python", text, FAIL, "install Python 3.11, 3.12 or 3.13")


def check_packages() -> Iterator[Check]:
    """Compare installed versions with the requirements in kortf's metadata."""
    from packaging.requirements import Requirement

    yield Check("kortf", kortf.__version__)
    try:
        listed = importlib.metadata.requires("kortf") or []
    except importlib.metadata.PackageNotFoundError:
        cure = "versions cannot be checked; pip install kortf"
        yield Check("requirements", "kortf is not installed, only on the path", WARN, cure)
        return
    for requirement in map(Requirement, listed):
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield check_version(requirement.name, requirement.specifier)
    for name, extra in OPTIONAL.items():
        version = _version(name)
        missing = f"not installed (pip install 'kortf[{extra}]' if you need it)"
        yield Check(name, version or missing)
    for name, cure in CLASHING.items():
        version = _version(name)
        if version:
            yield Check(name, version, WARN, cure)


def check_version(name: str, wanted) -> Check:
    """Compare the installed version of a requirement with its specifier."""
    version = _version(name)
    if version is None and name.startswith("tensorflow"):
        return _tensorflow_of_a_tpu(name)
    if version is None:
        return Check(name, "not installed", FAIL, f"pip install '{name}{wanted}'")
    if version in wanted:
        return Check(name, version)
    return Check(name, f"{version}, wanted {wanted}", FAIL, f"pip install '{name}{wanted}'")


def _tensorflow_of_a_tpu(name: str) -> Check:
    others = {each: _version(each) for each in ("tensorflow-tpu", "tensorflow-cpu")}
    found = [f"{each} {version}" for each, version in others.items() if version]
    if name == "tensorflow-text" and found:
        cure = "pretraining runs; vocabularies, fine-tuning and export need it"
        return Check(name, "not installed", WARN, cure)
    if found:
        return Check(name, found[0])
    return Check(name, "not installed", FAIL, f"pip install '{name}~=2.21.0'")


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def check_memory(path: str = "/proc/meminfo") -> Check:
    """Check the memory that is available now."""
    try:
        with open(path, encoding="utf-8") as file:
            found = {
                name: int(kib) << 10 for name, kib in re.findall(r"(\w+): +(\d+) kB", file.read())
            }
        total, free = found["MemTotal"], found["MemAvailable"]
    except (OSError, KeyError):
        return Check("memory", "unknown on this system")
    text = f"{free / GIB:.1f} GiB available of {total / GIB:.1f}"
    if free >= LITTLE_MEMORY:
        return Check("memory", text)
    return Check("memory", text, WARN, "close other programs, or lower config.batch_size")


def check_disk(directory: str) -> Check:
    """Check the free space of the file system that holds `directory`."""
    free = shutil.disk_usage(directory).free
    text = f"{free / GIB:.1f} GiB free in this directory"
    if free >= LITTLE_DISK:
        return Check("disk", text)
    return Check("disk", text, WARN, "records and checkpoints may not fit; free some space")


def check_devices() -> Iterator[Check]:
    """List the devices of TensorFlow, and the dtype that `dtype=auto` resolves to."""
    try:
        import tensorflow as tf
    except Exception as error:  # a broken installation raises anything
        reason = str(error).strip().split("\n")[-1][:200]
        yield Check("TensorFlow", f"does not import: {reason}", FAIL, "install it again")
        return
    gpus = tf.config.list_physical_devices("GPU")
    for gpu in gpus:
        details = tf.config.experimental.get_device_details(gpu)
        capability = ".".join(map(str, details.get("compute_capability", ())))
        yield Check(
            "GPU", f"{details.get('device_name', gpu.name)}, compute capability {capability}"
        )
    if not gpus and shutil.which("nvidia-smi"):
        cure = "pip install 'tensorflow[and-cuda]~=2.21.0', and check the driver with nvidia-smi"
        yield Check("GPU", "there is one that TensorFlow does not see", WARN, cure)
    elif not gpus:
        yield Check("GPU", "none")
    tpu = os.environ.get("TPU_NAME") or ("local" if os.path.exists("/dev/accel0") else "")
    yield Check("TPU", f"{tpu}: use --strategy=tpu --tpu={tpu}" if tpu else "none")
    yield Check("CPU", f"{os.cpu_count()} cores")
    from kortf.precision import resolve_dtype

    policy, reason = resolve_dtype()
    yield Check("dtype", f"auto is {policy}: {reason}")


def check_speed() -> Check:
    """Measure training steps of an encoder of the size of bert:mini."""
    import tensorflow as tf

    from kortf import models
    from kortf.precision import resolve_dtype

    policy, _ = resolve_dtype()
    encoder = models.build("bert", vocabulary_size=8000, dtype=policy, **SIZES)
    ids = tf.random.stateless_uniform([BATCH, LENGTH], (0, 1), 5, 8000, tf.int32)
    batch = {
        "token_ids": ids,
        "segment_ids": tf.zeros_like(ids),
        "padding_mask": tf.ones_like(ids),
    }

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            states = tf.cast(encoder(batch)["sequence"], tf.float32)
            loss = tf.reduce_mean(states**2)
        gradients = tape.gradient(loss, encoder.trainable_variables)
        return [tf.reduce_sum(tf.convert_to_tensor(g)) for g in gradients if g is not None]

    _finish(step())  # traced and compiled
    began, steps = time.perf_counter(), 0
    while time.perf_counter() - began < SPEED_SECONDS:
        _finish(step())
        steps += 1
    rate = steps * BATCH * LENGTH / (time.perf_counter() - began)
    return Check("speed", f"{rate:,.0f} tokens/s, forward and backward, bert:mini, {policy}")


def _finish(values: list) -> None:
    for value in values:
        value.numpy()
