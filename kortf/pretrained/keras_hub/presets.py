"""Presets of keras-hub, in and out, where its architecture can say the same."""

import os

from keras import ops

from kortf import files, models
from kortf.atomic_directory import stage
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory.directory import from_pretrained, save_pretrained
from kortf.pretrained.directory.variables import variable
from kortf.pretrained.family import name_of, plain
from kortf.pretrained.keras_hub.names import ARCHITECTURES, Architecture
from kortf.pretrained.keras_hub.vocabulary import read_tokenizer, write_tokenizer

CONFIG_FILE = "config.json"
# First position of RoBERTa in a directory of Hugging Face's without a vocabulary.
_ROBERTA_OFFSET = 2


def to_keras_hub(model: str, output: str) -> list[str]:
    """Write a model directory as a preset that `keras_hub.models.Backbone.from_preset` loads.

    Args:
        model: The model directory.
        output: Directory of the preset.

    Returns:
        What of the model the preset does not have, or the other way, a line each.

    Raises:
        InputError: keras-hub has no architecture that computes the same, or is not installed.
    """
    encoder = from_pretrained(model)
    architecture = _architecture(encoder, model)
    hub, settings, notes = _keras_hub(), encoder.settings, []
    arguments = {theirs: settings[ours] for ours, theirs in architecture.sizes.items()}
    backbone = getattr(hub.models, architecture.backbone)(**arguments)
    pairs, rest = _pairs(backbone, encoder, architecture)
    for theirs, ours in pairs:
        theirs.assign(ops.reshape(ours, theirs.shape))
    if architecture.positions in rest:
        rest.pop(architecture.positions).assign(_positions(encoder))
    for weight in rest.values():
        weight.assign(ops.zeros_like(weight))
    if rest:
        notes.append("the model has no pooler, so the preset's pooled output is always zero")
    if encoder.pooler is not None and not architecture.pools:
        notes.append("the pooler is left out: keras-hub's backbone has none")
    with stage(output, last=CONFIG_FILE) as beside:
        backbone.save_to_preset(beside)
        told = write_tokenizer(hub, architecture, model, beside)
    return notes + ([told] if told else [])


def from_keras_hub(preset: str, output: str) -> list[str]:
    """Write a preset of keras-hub as a model directory.

    Args:
        preset: Directory of the preset; none is taken from anywhere else.
        output: The model directory.

    Returns:
        What of the preset the model directory does not have, a line each.

    Raises:
        InputError: It is no preset of a backbone that kortf knows.
    """
    path = os.path.join(preset, CONFIG_FILE)
    config = files.read_json(path)
    backbone = config.get("class_name") if isinstance(config, dict) else None
    names = {each.backbone: name for name, each in ARCHITECTURES.items()}
    if backbone not in names:
        cure = f"kortf reads {', '.join(names)}"
        raise InputError(f"{path}, class_name", f"{backbone!r} is not supported", cure)
    name = names[backbone]
    architecture = ARCHITECTURES[name]
    theirs = getattr(_keras_hub().models, backbone).from_preset(preset)
    given = theirs.get_config()
    if given.get("num_inner_repetitions", 1) != 1:
        cure = "take another model"
        raise InputError(f"{path}, num_inner_repetitions", "more than one is not supported", cure)
    vocabulary, reason = read_tokenizer(preset)
    settings = {ours: given[each] for ours, each in architecture.sizes.items()}
    settings = {"pooler": False} | settings | architecture.fixed
    if name == "roberta":
        settings["position_offset"] = vocabulary.pad_id + 1 if vocabulary else _ROBERTA_OFFSET
    encoder = models.build(name, **settings)
    pairs, rest = _pairs(theirs, encoder, architecture)
    for source, ours in pairs:
        ours.assign(ops.reshape(source, ours.shape))
    if architecture.positions in rest:
        _take_positions(encoder, rest.pop(architecture.positions))
    notes = ["the pooled layer is left out: Hugging Face's class has none"] if rest else []
    save_pretrained(output, encoder, vocabulary)
    return notes + ([reason] if reason else [])


def _positions(encoder: Encoder):
    """Position vectors with what is added to every token, from the first position on."""
    first = encoder.settings["position_offset"]
    return encoder.embedding.positions[first:] + encoder.embedding.segments[:1]


def _take_positions(encoder: Encoder, weight) -> None:
    """Return the way back: what is added to every token is with the positions already."""
    embedding, first = encoder.embedding, encoder.settings["position_offset"]
    embedding.segments.assign(ops.zeros_like(embedding.segments))
    before = ops.zeros((first, weight.shape[1]), weight.dtype)
    embedding.positions.assign(ops.concatenate([before, weight], axis=0))


def _keras_hub():
    try:
        import keras_hub
    except ImportError as error:
        cure = "install it: pip install 'kortf[hub]'"
        raise InputError("kortf convert", "needs keras-hub", cure) from error
    return keras_hub


def _architecture(encoder: Encoder, place: str) -> Architecture:
    name, settings = name_of(encoder), plain(encoder.settings)
    known = ARCHITECTURES.get(name)
    if known is None:
        problem = f"'{name}' cannot be said by keras-hub as kortf computes it"
        raise InputError(place, problem, f"convert one of {', '.join(ARCHITECTURES)}")
    for key, value in known.fixed.items():
        if settings[key] != value:
            problem = (
                f"keras-hub's {known.backbone} has {key} {value!r}, this model {settings[key]!r}"
            )
            raise InputError(place, problem, "its outputs would not be the same: keep it as it is")
    if not known.projection and encoder.embedding_projection is not None:
        problem = f"keras-hub's {known.backbone} has token vectors of the hidden size alone"
        raise InputError(place, problem, "keep the model as it is")
    return known


def _pairs(backbone, encoder: Encoder, architecture: Architecture) -> tuple[list, dict]:
    """Each weight of theirs with the variable of ours, and by path those that have none."""
    names = architecture.weights(encoder)
    theirs = {weight.path: weight for weight in backbone.weights}
    optional = {architecture.positions, "pooled_dense/kernel", "pooled_dense/bias"}
    if not set(names) <= set(theirs) or not set(theirs) - set(names) <= optional:
        raise ValueError(f"weights of another version of keras-hub: {set(theirs) ^ set(names)}")
    pairs = [(theirs[path], variable(encoder, ours)) for path, ours in names.items()]
    return pairs, {path: weight for path, weight in theirs.items() if path not in names}
