"""The vocabularies of keras-hub's presets, in and out."""

import os

from kortf import files
from kortf.errors import InputError
from kortf.pretrained.keras_hub.names import Architecture
from kortf.text.tokenizer.byte_level.byte_pairs import BytePairs
from kortf.text.vocabulary.loading import holds_vocabulary, load_vocabulary
from kortf.text.vocabulary.vocabulary import Vocabulary

_ASSETS = os.path.join("assets", "tokenizer")
_WORDPIECES, _PIECES, _MERGES = "vocabulary.txt", "vocabulary.json", "merges.txt"
_CURE = "take another preset"
_FOLDING = (
    "keras-hub lower-cases by NFKC case folding, which gives ㅋㅋ, ㈜ and full-width letters other "
    "ids"
)


def write_tokenizer(hub, architecture: Architecture, model: str, preset: str) -> str | None:
    """Write the tokenizer of a preset.

    Args:
        hub: The package keras_hub.
        architecture: Architecture of the preset.
        model: Model directory whose vocabulary it is.
        preset: Directory of the preset.

    Returns:
        Why there is none; None where there is one.
    """
    if not holds_vocabulary(model):
        return "no tokenizer: the model directory has none"
    vocabulary = load_vocabulary(model)
    if not architecture.tokenizer or vocabulary.kind != architecture.kind:
        return f"no tokenizer: keras-hub's {architecture.backbone} takes none of this kind"
    missing = [token for token in architecture.special if vocabulary.id_of(token) is None]
    if missing:
        return f"no tokenizer: keras-hub wants {', '.join(missing)} in its vocabulary"
    if vocabulary.kind == "wordpiece":
        if vocabulary.lowercase or getattr(vocabulary, "strip_accents", False):
            return f"no tokenizer: {_FOLDING}"
        settings = {"vocabulary": vocabulary.pieces, "lowercase": vocabulary.lowercase}
    else:
        pairs = vocabulary.byte_pairs
        if pairs.add_prefix_space or pairs.composes:
            step = "puts no space before a text" if pairs.add_prefix_space else "composes no text"
            return f"no tokenizer: keras-hub's {step}"
        merges = [f"{a} {b}" for a, b in pairs.merges]
        settings = {"vocabulary": pairs.ids, "merges": merges}
    getattr(hub.models, architecture.tokenizer)(**settings).save_to_preset(preset)
    return None


def read_tokenizer(preset: str) -> tuple[Vocabulary | None, str]:
    """Read the vocabulary of a preset's tokenizer, WordPiece or BPE.

    Returns:
        The vocabulary, or None and the reason.

    Raises:
        InputError: A file of it is broken.
    """
    assets = os.path.join(preset, _ASSETS)
    path = os.path.join(assets, _WORDPIECES)
    if files.exists(path):
        with files.open_file(path) as file:
            data = file.read()
        said = os.path.join(preset, "tokenizer.json")
        config = files.read_json(said).get("config", {}) if files.exists(said) else {}
        if config.get("lowercase"):
            return None, f"no tokenizer: {_FOLDING}"
        if config.get("strip_accents"):
            return None, "no tokenizer: the preset strips accents, which takes Hangul apart"
        return Vocabulary("wordpiece", data.rstrip(b"\n"), {"do_lower_case": False}, path), ""
    path = os.path.join(assets, _PIECES)
    if not files.exists(path):
        return None, "no tokenizer of a kind that kortf reads"
    table = files.read_json(path)
    usable = isinstance(table, dict) and sorted(table.values()) == list(range(len(table)))
    if not usable:
        raise InputError(path, "the ids are not those of a list of pieces", _CURE)
    with files.open_file(os.path.join(assets, _MERGES), "r") as file:
        lines = [line for line in file.read().splitlines() if line and line[:8] != "#version"]
    pieces, merges = sorted(table, key=table.get), [line.split(" ") for line in lines]
    return Vocabulary("bpe", BytePairs.pack(pieces, merges), {}, path), ""
