"""Write a model directory atomically."""

import os
from collections.abc import Mapping

from kortf import files
from kortf.atomic_directory import stage
from kortf.errors import InputError
from kortf.pretrained import card as cards
from kortf.pretrained.directory.config_file import CONFIG_FILE
from kortf.pretrained.formats import tensors
from kortf.pretrained.sentence_transformers.settings import EmbeddingSettings, TokenSettings
from kortf.pretrained.sentence_transformers.writing import (
    remove_embedding_settings,
    write_embedding_settings,
)
from kortf.text.vocabulary.saving import remove_other_files, save_vocabulary
from kortf.text.vocabulary.settings import SETTINGS_FILE
from kortf.text.vocabulary.vocabulary import Vocabulary


def write_directory(
    directory: str,
    config: Mapping,
    weights: Mapping[str, dict[str, tensors.Announced]],
    vocabulary: Vocabulary | None,
    settings: Mapping,
    card: cards.Card | str | None = None,
    embedding: EmbeddingSettings | TokenSettings | None = None,
) -> None:
    """Write a model directory; it appears whole or not at all.

    Over an older one, its files are replaced, and those that are no longer the model's removed.

    Args:
        directory: Directory to write.
        config: Content of `config.json`.
        weights: Name of a file to the tensors in it.
        vocabulary: Its files are written as well, if there is one.
        settings: Settings of the encoder, from which tokenizers take the longest row.
        card: Facts about the model. A card that its user has written, or changed, stays as it
            is, unless this is a whole text.
        embedding: Settings of a sentence embedding, whose files are written as well. Without
            them the files of an older directory are removed.

    Raises:
        InputError: The directory is a file.
    """
    if files.exists(directory) and not files.is_remote(directory) and not os.path.isdir(directory):
        raise InputError(directory, "is a file, not a directory", "name another directory")

    pieces = set()

    def tidy(place: str) -> None:
        if tensors.HEADS_FILE not in weights:  # it is no longer the model's
            files.remove(os.path.join(place, tensors.HEADS_FILE))
        if vocabulary is not None:  # nor is a vocabulary of another kind
            remove_other_files(pieces, place)
        if embedding is None:
            remove_embedding_settings(place)

    with stage(directory, CONFIG_FILE, tidy) as beside:
        for name, announced in weights.items():
            tensors.write(os.path.join(beside, name), announced)
        if vocabulary is not None:
            pieces.update(save_vocabulary(vocabulary, beside))
            _fit_tokenizer(beside, settings)
        if isinstance(card, str) or not cards.keeps(directory):
            text = card
            if not isinstance(card, str):
                text = cards.card_text(card or cards.Card(), config, settings)
            with files.write_beside(os.path.join(beside, cards.FILE)) as file:
                file.write(text)
        if embedding is not None:
            write_embedding_settings(beside, embedding, settings["hidden_dim"])
        files.write_json(os.path.join(beside, CONFIG_FILE), config)
    if embedding is None:  # the stage keeps folders of the older directory
        remove_embedding_settings(directory)


def _fit_tokenizer(directory: str, encoder: Mapping) -> None:
    """Write the number of positions, and whether there are segments, for tokenizers."""
    path, max_length = os.path.join(directory, SETTINGS_FILE), encoder["max_length"]
    settings = files.read_json(path)
    settings["model_max_length"] = min(settings.get("model_max_length") or max_length, max_length)
    if (encoder.get("num_segments") or 0) < 2:
        # GPT-2's class would add the token vector of each segment number, RoBERTa's has no second.
        names = settings.get("model_input_names") or []
        settings["model_input_names"] = [name for name in names if name != "token_type_ids"]
    files.write_json(path, settings)
