"""The config of a model directory, and the encoder that it describes."""

import os

from kortf import files
from kortf.errors import InputError
from kortf.pretrained import family as families
from kortf.pretrained.directory.settings import check_settings, check_sizes
from kortf.pretrained.directory.weights import open_weights
from kortf.pretrained.formats import tf1
from kortf.pretrained.formats.tensor_source import TensorSource

CONFIG_FILE = "config.json"


def read_config(directory: str) -> dict:
    """Return the `config.json` of a model directory.

    Raises:
        InputError: There is no such directory, or no JSON object in it.
    """
    directory = os.fspath(directory)
    path = config_path(directory)
    if not holds_model(directory):
        cure = "check the path, or download it first: hf download NAME --local-dir DIR"
        raise InputError(directory, "there is no such model directory", cure)
    if not files.exists(path):
        inner = os.path.join(directory, "model")
        known = files.exists(os.path.join(inner, CONFIG_FILE))
        cure = f"did you mean {inner}?" if known else "name a model directory (WORKDIR/model)"
        raise InputError(directory, f"not a model directory: no {CONFIG_FILE} in it", cure)
    if os.path.basename(path) in tf1.CONFIG_FILES:
        return tf1.read_config(directory, path)
    config = files.read_json(path)
    if not isinstance(config, dict):
        raise InputError(path, "not a JSON object", "write the file again")
    return config


def holds_model(directory: str) -> bool:
    """Return whether a directory exists, or is named after the generator of a checkpoint."""
    return files.exists(directory) or tf1.located(directory)[1]


def config_path(directory: str) -> str:
    """Return the path of the config of a model directory."""
    directory = tf1.located(directory)[0]
    paths = [os.path.join(directory, name) for name in (CONFIG_FILE, *tf1.CONFIG_FILES)]
    return next(filter(files.exists, paths), paths[0])


def encoder_settings(
    config: dict, directory: str = "", weights: TensorSource | None = None
) -> tuple[str, dict]:
    """Return the arguments of `kortf.models.build` for the encoder of a `config.json`.

    Args:
        config: Content of the config.
        directory: Directory of the config, for messages.
        weights: Weights of the directory, whose shapes bound the sizes; give them before an encoder
            is built.

    Returns:
        The name of the encoder, and its settings.

    Raises:
        InputError: The `model_type` is not known, or a size is missing or not possible.
    """
    place = config_path(directory)
    name, settings = families.of_config(config, place).read(config, place)
    check_settings(name, settings, place)
    if weights is not None:
        check_sizes(settings, weights, place)
    return name, settings


def described_encoder(directory: str) -> tuple[str, dict]:
    """Return the arguments of `kortf.models.build` for the encoder of a model directory.

    Raises:
        InputError: Something in the directory is missing, broken or not supported.
    """
    return encoder_settings(read_config(directory), directory, open_weights(directory))
