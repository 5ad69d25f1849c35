"""The config of a cleaning: the default settings, which a file or flags change."""

import ml_collections

from kortf.clean.settings import defaults


def cleaning(**changes) -> ml_collections.ConfigDict:
    """Return the default settings with changes.

    Args:
        changes: Settings by name; a section is a dict of its changes.

    Raises:
        KeyError: A setting is unknown.

    Example:
        >>> cleaning(repeats=2, length={"min_chars": 30}).length.min_chars
        30
    """
    config = ml_collections.ConfigDict(defaults(tuple(changes.get("rules", ()))))
    config.update(changes)
    return config


def get_config(size: str = "") -> ml_collections.ConfigDict:
    """Return the default settings; a cleaning has no sizes."""
    del size
    return cleaning()
