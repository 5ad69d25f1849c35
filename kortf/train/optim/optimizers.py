"""The optimizers by name."""

import tensorflow as tf

from kortf.discovery import check_settings
from kortf.errors import InputError, did_you_mean
from kortf.train.optim.muon import Muon
from kortf.train.optim.optimizer import AdamW, Lamb, Optimizer, StableAdamW

OPTIMIZERS = {"adamw": AdamW, "stable_adamw": StableAdamW, "lamb": Lamb, "muon": Muon}


def make_optimizer(name: str, variables: dict[str, tf.Variable], **settings) -> Optimizer:
    """Make an optimizer by its name.

    Raises:
        InputError: There is no such optimizer, or a setting is out of its range.
    """
    check_optimizer("config.optimizer", name, **settings)
    return OPTIMIZERS[name](variables, **settings)


def check_optimizer(place: str, name: str, **settings) -> None:
    """Raise an InputError for an unknown optimizer, or a setting that it does not take.

    Args:
        place: Prefix of the key in errors.
        name: Name of the optimizer.
        **settings: Settings by name.
    """
    if name not in OPTIMIZERS:
        cure = did_you_mean(name, list(OPTIMIZERS))
        raise InputError(f"{place}.name={name}", "there is no such optimizer", cure)
    check_settings(OPTIMIZERS[name], name, place, settings)
