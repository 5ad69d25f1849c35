"""The config of a cleaning: the usual settings, to be changed in a file or by flags."""

import ml_collections

from kortf.clean.settings import defaults


def cleaning(**changes) -> ml_collections.ConfigDict:
    """The usual settings, with changes.

    Args:
        changes: settings, and sections as dicts of what is changed in them.

    Raises:
        KeyError: there is no such setting.

    Example:
        >>> cleaning(repeats=2, length={"min_chars": 30}).length.min_chars
        30
    """
    config = ml_collections.ConfigDict(defaults(tuple(changes.get("rules", ()))))
    config.update(changes)
    return config


def get_config(size: str = "") -> ml_collections.ConfigDict:
    """The usual settings; a cleaning has no sizes, whatever is asked for."""
    del size
    return cleaning()
