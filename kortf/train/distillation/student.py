"""A student that begins with some of the layers of a model directory."""

import re
from collections.abc import Sequence

from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.directory import from_pretrained
from kortf.train.distillation.layer_pairs import chosen_layers
from kortf.train.optim.variables import named_variables

_LAYER = re.compile(r"/layers/layer_(\d+)/")


def student_layers(text: str | None, settings: dict) -> list[int]:
    """Return the layers that `config.student_layers` names; none without it.

    Args:
        text: Value of the key.
        settings: Settings of the encoder of the model directory.

    Raises:
        InputError: The layers share their weights, or there is none of a number, or a layer would
            attend in another way at its new place.
    """
    if not text:
        return []
    layers, groups = settings["num_layers"], settings.get("num_groups")
    if groups not in (None, layers):
        problem = "the layers of this model share their weights"
        raise InputError(f"config.student_layers={text}", problem, "set config.model.num_layers")
    chosen = chosen_layers(text, layers)
    every = settings.get("global_every", 1)
    for place, layer in enumerate(chosen):
        if (place % every == 0) != (layer % every == 0):
            problem = f"layer {layer} would attend in another way as layer {place}"
            cure = f"choose layers of the same kind: each {every}th sees the whole row"
            raise InputError(f"config.student_layers={text}", problem, cure)
    return chosen


def load_layers(encoder: Encoder, directory: str, layers: Sequence[int]) -> None:
    """Copy the weights of a model directory, of its layers those that are named.

    Args:
        encoder: The student, with as many layers as are named and the same sizes otherwise.
        directory: Model directory.
        layers: Numbers of the layers that become 0, 1, ….

    Raises:
        InputError: A weight of the student is not in the model, or has another shape.
    """
    theirs = named_variables([from_pretrained(directory)])

    def renamed(match: re.Match) -> str:
        return f"/layers/layer_{layers[int(match[1])]}/"

    for name, variable in named_variables([encoder]).items():
        source = theirs.get(_LAYER.sub(renamed, name))
        if source is None or source.shape != variable.shape:
            there = "nothing" if source is None else tuple(source.shape)
            problem = f"{there} for {name}, where the student has {tuple(variable.shape)}"
            raise InputError(directory, problem, "choose the teacher's sizes for config.model")
        variable.assign(source)
