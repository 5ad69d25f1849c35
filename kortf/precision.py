"""Choose the dtype policy that is fastest on the device at hand.

bfloat16 products are fast on TPUs, on GPUs from compute capability 8.0 on, and on CPUs with
`avx512_bf16` or `amx_bf16`. Other CPUs emulate them: a training step then takes about
three times as long as in float32.
"""

import functools

from absl import logging

from kortf.errors import InputError

AUTO = "auto"
FLOAT32, MIXED = "float32", "mixed_bfloat16"
KNOWN = (AUTO, FLOAT32, MIXED, "bfloat16", "float64")
_CPU_FLAGS = ("amx_bf16", "avx512_bf16")
_GPU_GENERATION = (8, 0)  # NVIDIA Ampere


def resolve_dtype(name: str = AUTO) -> tuple[str, str]:
    """Return the Keras dtype policy for a setting, and the reason for the choice.

    Args:
        name: `auto`, or the name of a policy, which is returned as it is.

    Returns:
        `(policy, reason)`, such as `("float32", "this CPU has no bfloat16 units")`. A policy that
        was asked for and is slower than float32 here has that as its reason; else its reason is
        empty.

    Raises:
        InputError: kortf does not train in this dtype.

    Example:
        >>> resolve_dtype("float32")
        ('float32', '')
    """
    check_dtype("dtype", name)
    fast, reason = bfloat16_support()
    if name == AUTO:
        return (MIXED if fast else FLOAT32), reason
    if "bfloat16" in name and not fast:
        return name, f"slower than float32 here: {reason}"
    return name, ""


def products_dtype(name: str) -> str:
    """Return the dtype of the matrix products of a loaded model, and log the reason of a choice.

    Args:
        name: `float32`, `bfloat16` or `auto`.
    """
    policy, reason = resolve_dtype(name)
    dtype = policy.removeprefix("mixed_")
    if name == AUTO:
        logging.info("dtype %s (%s)", dtype, reason)
    elif reason:
        logging.warning("dtype %s: %s", dtype, reason)
    return dtype


def check_dtype(place: str, name: str) -> None:
    """Raise an InputError at `place` for a dtype that kortf does not train in."""
    if name in KNOWN:
        return
    if "float16" in name.removeprefix("mixed_b").removeprefix("b"):
        problem = "float16 needs loss scaling, which kortf does not have"
        raise InputError(f"{place}={name}", problem, f"choose {AUTO}, {MIXED} or {FLOAT32}")
    raise InputError(f"{place}={name}", "unknown dtype", f"choose one of {', '.join(KNOWN)}")


@functools.cache
def bfloat16_support() -> tuple[bool, str]:
    """Return whether bfloat16 products are fast on this device, and the reason."""
    import tensorflow as tf

    if tf.config.list_logical_devices("TPU"):
        return True, "TPUs multiply in bfloat16"
    gpus = tf.config.get_visible_devices("GPU")
    if gpus:
        found = [tf.config.experimental.get_device_details(gpu) for gpu in gpus]
        oldest = min(details.get("compute_capability", (0, 0)) for details in found)
        text = ".".join(map(str, oldest))
        if oldest >= _GPU_GENERATION:
            return True, f"this GPU (compute capability {text}) has bfloat16 units"
        return False, f"this GPU (compute capability {text}) has no bfloat16 units"
    for flag in _CPU_FLAGS:
        if flag in cpu_flags():
            return True, f"this CPU has bfloat16 units ({flag})"
    return False, "this CPU has no bfloat16 units"


def cpu_flags(path: str = "/proc/cpuinfo") -> frozenset[str]:
    """Return the feature flags of the CPU; none where the system does not list them."""
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                name, _, value = line.partition(":")
                if name.strip() in ("flags", "Features"):
                    return frozenset(value.split())
    except OSError:
        pass
    return frozenset()
