"""Encoders: one module each, found by name. `model.name = "albert"` is `kortf/models/albert.py`."""

from kortf import discovery
from kortf.models.encoder import Encoder


def build(name: str, **sizes) -> Encoder:
    """Make the encoder of module `name` and all its weights.

    Args:
        name: Module in this package, or on `PYTHONPATH`.
        **sizes: Arguments of its class.

    Raises:
        InputError: For an unknown name or setting.
    """
    encoder = discovery.build(__name__, name, Encoder, **sizes)
    encoder.build()
    return encoder
