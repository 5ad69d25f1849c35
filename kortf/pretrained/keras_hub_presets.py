"""Presets of keras-hub, in and out, where its architecture can say the same."""

import os

import keras

from kortf import files, models
from kortf.errors import InputError
from kortf.models.encoder import Encoder
from kortf.pretrained.directory import from_pretrained, save_pretrained
from kortf.pretrained.family import name_of, plain
from kortf.pretrained.keras_hub_names import ARCHITECTURES, Architecture
from kortf.pretrained.staging import stage
from kortf.pretrained.variables import variable
from kortf.text.vocabulary import Vocabulary, holds_vocabulary, load_vocabulary

CONFIG_FILE = "config.json"
_ASSETS = os.path.join("assets", "tokenizer", "vocabulary.txt")


def to_keras_hub(model: str, output: str) -> None:
    """Writes a model directory as a preset that `keras_hub.models.Backbone.from_preset` loads.

    Args:
        model: the model directory.
        output: directory of the preset.

    Raises:
        InputError: keras-hub has no architecture that computes the same, or is not installed.
    """
    encoder = from_pretrained(model)
    architecture = _architecture(encoder, model)
    hub = _keras_hub()
    settings = encoder.settings
    arguments = {theirs: settings[ours] for ours, theirs in architecture.sizes.items()}
    backbone = getattr(hub.models, architecture.backbone)(**arguments)
    for theirs, ours in _pairs(backbone, encoder, architecture):
        theirs.assign(keras.ops.reshape(ours, theirs.shape))
    with stage(output, last=CONFIG_FILE) as beside:
        backbone.save_to_preset(beside)
        if architecture.tokenizer and holds_vocabulary(model):
            vocabulary = load_vocabulary(model)
            if vocabulary.kind == "wordpiece":
                tokenizer = getattr(hub.models, architecture.tokenizer)(
                    vocabulary=vocabulary.pieces, lowercase=vocabulary.lowercase
                )
                tokenizer.save_to_preset(beside)


def from_keras_hub(preset: str, output: str) -> None:
    """Writes a preset of keras-hub as a model directory.

    Args:
        preset: directory of the preset; none is taken from anywhere else.
        output: the model directory.

    Raises:
        InputError: it is no preset of BERT or ALBERT.
    """
    path = os.path.join(preset, CONFIG_FILE)
    config = files.read_json(path)
    backbone = config.get("class_name") if isinstance(config, dict) else None
    names = {each.backbone: name for name, each in ARCHITECTURES.items()}
    if backbone not in names:
        cure = f"kortf reads {', '.join(names)}"
        raise InputError(f"{path}, class_name", f"{backbone!r} is not supported", cure)
    architecture = ARCHITECTURES[names[backbone]]
    theirs = getattr(_keras_hub().models, backbone).from_preset(preset)
    given = theirs.get_config()
    if given.get("num_inner_repetitions", 1) != 1:
        cure = "take another model"
        raise InputError(f"{path}, num_inner_repetitions", "more than one is not supported", cure)
    settings = {ours: given[name] for ours, name in architecture.sizes.items()}
    encoder = models.build(names[backbone], **settings | architecture.fixed)
    for source, ours in _pairs(theirs, encoder, architecture):
        ours.assign(keras.ops.reshape(source, ours.shape))
    save_pretrained(output, encoder, _vocabulary(preset))


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
    if not known.projects and encoder.embedding_projection is not None:
        problem = f"keras-hub's {known.backbone} has token vectors of the hidden size alone"
        raise InputError(place, problem, "keep the model as it is")
    return known


def _pairs(backbone, encoder: Encoder, architecture: Architecture):
    """Each weight of theirs with the variable of ours."""
    names = architecture.weights(encoder)
    theirs = {weight.path: weight for weight in backbone.weights}
    if set(theirs) != set(names):
        raise ValueError(f"weights of another version of keras-hub: {set(theirs) ^ set(names)}")
    return [(theirs[path], variable(encoder, ours)) for path, ours in names.items()]


def _vocabulary(preset: str) -> Vocabulary | None:
    """The WordPiece vocabulary of a preset's tokenizer, if there is one."""
    path = os.path.join(preset, _ASSETS)
    if not files.exists(path):
        return None
    with files.open_file(path) as file:
        data = file.read()
    said = os.path.join(preset, "tokenizer.json")
    config = files.read_json(said).get("config", {}) if files.exists(said) else {}
    lowercase = config.get("lowercase")
    settings = {} if lowercase is None else {"do_lower_case": bool(lowercase)}
    return Vocabulary("wordpiece", data.rstrip(b"\n"), settings, path)
