"""Keep freed memory in the process between the steps."""

import ctypes
import os

# Parameters of glibc's malloc.h and their values.
_SETTINGS = (
    (-4, 0),  # M_MMAP_MAX: no mapping for a single block, which would be unmapped when freed
    (-1, 2**31 - 1),  # M_TRIM_THRESHOLD: the end of the heap is never returned
    (-2, 256 << 20),  # M_TOP_PAD: bytes requested beyond the need
)
# The arena of a thread has heaps of 64 MB, which are returned when they are empty. One arena for
# all threads keeps them (M_ARENA_MAX), but many threads would wait for each other.
_ONE_ARENA = (-8, 1)
_FEW_CORES = 16
# A chosen allocator, or chosen settings, are not changed.
_CHOSEN = ("LD_PRELOAD", "GLIBC_TUNABLES", "MALLOC_MMAP_MAX_", "MALLOC_MMAP_THRESHOLD_",
           "MALLOC_TRIM_THRESHOLD_", "MALLOC_ARENA_MAX")  # fmt: skip
OFF = "KORTF_RETURN_MEMORY"


def keep_freed_memory() -> bool:
    """Tell glibc to keep freed blocks for reuse, as a caching allocator does.

    Each step on a CPU frees and allocates the same tensors. By default, glibc returns large blocks
    to the system at once, and each page of the next ones is mapped and cleared again: a third of
    the time of a small model's fine-tuning (`python -m benchmarks.kept_memory`). The process then
    keeps its peak memory. KORTF_RETURN_MEMORY=1 changes nothing.

    Returns:
        Whether glibc was told; other C libraries and chosen allocators are not changed.
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
