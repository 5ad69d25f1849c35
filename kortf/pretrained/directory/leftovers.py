"""Report missing and unused tensors when loading a model directory."""

from collections.abc import Collection

import numpy as np
from absl import logging

from kortf.errors import InputError
from kortf.pretrained.directory.copying import Plan
from kortf.pretrained.family import Family
from kortf.pretrained.formats.tensor_source import TensorSource

# So many names are listed.
_MOST = 30


def tell(
    plan: Plan, family: Family, config: dict, others: Collection[str] = (), train: bool = False
) -> None:
    """Log the tensors that an encoder did not find in a file, and those that nothing reads.

    Args:
        plan: Plan of the encoder.
        family: Family of the directory.
        config: Its `config.json`.
        others: Names that are read as well, by heads.
        train: Whether the encoder is trained next. Then a pooler that the class of the directory
            does not have is missing, too.
    """
    read = plan.names | {plan.file.find([name]) for name in others}
    left = [name for name in plan.file.names - read if family.is_weight(name)]
    missing = [name for name in plan.missing if train or family.expects(name, config)]
    if missing:
        say("%s: missing, initialized at random: %s", config, plan.file.path, missing)
    if left:
        say("%s: left over, not used: %s", config, plan.file.path, left)


def say(text: str, config: dict, path: str, names: Collection[str]) -> None:
    """Log names, as a warning where the directory is not ours."""
    listed = ", ".join(sorted(names)[:_MOST])
    if len(names) > _MOST:
        listed += f" and {len(names) - _MOST} more"
    level = logging.INFO if "kortf" in config else logging.WARNING
    logging.log(level, text, path, listed)


def check_copies(family: Family, file: TensorSource) -> None:
    """Refuse a file where a tensor that must repeat another one does not.

    Heads score the vocabulary by the token vectors themselves.

    Raises:
        InputError: It names both.
    """
    for name, original in family.copies.items():
        original = file.find([family.prefix + original, original])
        if name not in file.names or original is None:
            continue
        if not np.array_equal(file.read(name), file.read(original)):
            problem = f"is not the same as {original}, by which kortf scores the vocabulary"
            raise InputError(file.place(name), problem, "take another model")
