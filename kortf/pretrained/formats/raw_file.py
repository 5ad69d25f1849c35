"""Parts of a file as arrays, read into memory of their own."""

import os
import weakref

import numpy as np

# TensorFlow takes memory over without a copy if its address is a multiple of this.
ALIGNMENT = 64


class RawFile:
    """A file that stays open, and readable even when its name is gone.

    It is not mapped into memory: what has been read from a map would stay there beside the
    variables that were made of it.

    Attributes:
        size: Bytes.
    """

    def __init__(self, path: str):
        """Open a file of this machine."""
        self._handle = os.open(path, os.O_RDONLY)
        weakref.finalize(self, os.close, self._handle)
        self.size = os.fstat(self._handle).st_size

    def read(self, start: int, dtype: np.dtype, count: int) -> np.ndarray:
        """Return numbers from byte `start` on.

        Raises:
            ValueError: The file ends before.
        """
        bytes_ = count * dtype.itemsize
        if start + bytes_ > self.size:
            raise ValueError(f"{bytes_:,} bytes at {start:,} reach beyond its end")
        space = np.empty(bytes_ + ALIGNMENT, np.uint8)
        space = space[-space.ctypes.data % ALIGNMENT :][:bytes_]
        done = 0
        while done < bytes_:
            step = os.preadv(self._handle, [space[done : done + (1 << 30)]], start + done)
            if step == 0:
                raise ValueError("it has become shorter")
            done += step
        return space.view(dtype)
