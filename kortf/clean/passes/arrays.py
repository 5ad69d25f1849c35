"""Read a file of plain numbers."""

import numpy as np
from numpy.typing import DTypeLike

from kortf import files


def read_array(path: str, dtype: DTypeLike) -> np.ndarray:
    """Return the numbers of a file, `[numbers]`, memory-mapped where it is local."""
    if files.is_remote(path):
        with files.open_file(path) as file:
            return np.frombuffer(file.read(), dtype)
    if files.size(path) == 0:  # which cannot be mapped
        return np.zeros(0, dtype)
    return np.memmap(path, dtype, "r")
