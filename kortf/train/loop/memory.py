"""Memory that stays with the process between the steps."""

import ctypes
import os

# Of glibc's malloc.h: parameter and value.
_SETTINGS = (
    (-4, 0),  # M_MMAP_MAX: no block of its own mapping, which would go back when it is freed
    (-1, 2**31 - 1),  # M_TRIM_THRESHOLD: nor the end of the heap
    (-2, 256 << 20),  # M_TOP_PAD: what more is asked for at a time
)
# A thread's own arena is of heaps of 64 MB, which go back when they are empty. One arena for all
# keeps them (M_ARENA_MAX), but its threads wait for each other where they are many.
_ONE_ARENA = (-8, 1)
_FEW_CORES = 16
# Where somebody has chosen an allocator or its settings, that stands.
_CHOSEN = ("LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_",
           "MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX")  # fmt: skip
OFF = "KORTF_RETURN_MEMORY"


def keep_freed_memory() -> bool:
    """Tells glibc to keep freed blocks for those to come, as a caching allocator does.

    Each step on a CPU frees and takes the same tensors. As shipped, glibc gives large blocks back
    to the system at once, and each page of the next ones is mapped and cleared anew: a third of the
    time of a small model's fine-tuning (`python -m benchmarks.kept_memory`). What a process has
    taken at its peak it then keeps. KORTF_RETURN_MEMORY=1 leaves all as it is.

    Returns:
        Whether it was done; other C libraries, and allocators that were chosen, are left alone.
    """
    if os.environ.get(OFF) or any(name in os.environ for name in _CHOSEN):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):
        return False
    settings = _SETTINGS
    if (os.cpu_count() or 1) <= _FEW_CORES:
        settings += (_ONE_ARENA,)
    return all(mallopt(parameter, value) for parameter, value in settings)
