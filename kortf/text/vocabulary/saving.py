"""Write the files of a vocabulary."""

import contextlib
import os
from collections.abc import Set

from kortf import files
from kortf.text.vocabulary import byte_level_files, twin
from kortf.text.vocabulary.added_tokens import ADDED_FILE
from kortf.text.vocabulary.loading import MODEL_FILES, TWIN_FILE
from kortf.text.vocabulary.settings import SETTINGS_FILE
from kortf.text.vocabulary.vocabulary import VOCABULARY_FILES, Vocabulary


def save_vocabulary(vocabulary: Vocabulary, directory: str) -> set[str]:
    """Write the vocabulary file, `tokenizer_config.json` and `tokenizer.json` to a directory.

    Files of another vocabulary in the directory are removed. transformers reads the directory as a
    tokenizer of the same ids.

    Returns:
        Names of the files that hold pieces.
    """
    own = {VOCABULARY_FILES[vocabulary.kind]: vocabulary.data}
    if vocabulary.byte_pairs:
        own = byte_level_files.contents(vocabulary.byte_pairs)
    for name, content in own.items():
        with files.write_beside(os.path.join(directory, name), "wb") as file:
            file.write(content)
    written = set(own)
    with contextlib.suppress(ValueError):  # an exotic SentencePiece model has no twin
        made = twin.to_tokenizers(vocabulary)
        written.add(TWIN_FILE)
        with files.write_beside(os.path.join(directory, TWIN_FILE)) as file:
            file.write(made.to_str())
    files.write_json(os.path.join(directory, SETTINGS_FILE), vocabulary.settings)
    remove_other_files(written, directory)
    return written


def remove_other_files(written: Set[str], directory: str) -> None:
    """Remove the files of other vocabularies, and of added tokens, from a directory.

    Args:
        written: Names of the files of its own vocabulary.
        directory: Directory of the vocabulary.
    """
    names = {*VOCABULARY_FILES.values(), *MODEL_FILES, byte_level_files.MERGES_FILE}
    for name in (names | {TWIN_FILE, ADDED_FILE}) - written:
        files.remove(os.path.join(directory, name))
