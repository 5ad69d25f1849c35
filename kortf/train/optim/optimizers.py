"""The optimizers by name."""

import tensorflow as tf

from kortf.errors import InputError
from kortf.train.optim.muon import Muon
from kortf.train.optim.optimizer import AdamW, Lamb, Optimizer

OPTIMIZERS = {"adamw": AdamW, "lamb": Lamb, "muon": Muon}


def make_optimizer(name: str, variables: dict[str, tf.Variable], **settings) -> Optimizer:
    """Makes the optimizer `adamw`, `lamb` or `muon`.

    Raises:
        InputError: for another name.
    """
    if name not in OPTIMIZERS:
        known = ", ".join(OPTIMIZERS)
        raise InputError(
            f"config.optimizer.name='{name}'", "no such optimizer", f"choose one of {known}"
        )
    return OPTIMIZERS[name](variables, **settings)
