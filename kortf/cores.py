"""Number of cores, and how TensorFlow shares them out."""

import contextlib
import os


def cores() -> int:
    """Return the number of cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))  # fewer than there are, in a container
    except AttributeError:
        return os.cpu_count() or 1


def one_core_an_operation() -> None:
    """Let TensorFlow compute each operation by one thread, for a process that answers many texts.

    The threads of one operation wait for each other at its end, and a transformer has thousands of
    short operations. Cores that compute a batch each do not wait. A process that has used
    TensorFlow before keeps its threads.
    """
    import tensorflow as tf  # here: `cores` is asked for without it

    with contextlib.suppress(RuntimeError):
        tf.config.threading.set_intra_op_parallelism_threads(1)


def models_stay() -> None:
    """Let TensorFlow keep weights in the layout of their product, in a process that trains nothing.

    One text reads each weight once, and its layout is then a large part of the time. It takes the
    memory of the products' weights once more for each layout that is used, of two. A weight that
    changes later would not be seen.
    """
    os.environ.setdefault("TF_ONEDNN_ASSUME_FROZEN_WEIGHTS", "1")
