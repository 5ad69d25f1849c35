"""Pieces of a vocabulary that are nothing but punctuation."""

import string
import unicodedata

from kortf.text.tokenizer.decoding import joinable
from kortf.text.vocabulary.vocabulary import Vocabulary


def punctuation_ids(vocabulary: Vocabulary) -> list[int]:
    """Return the ids of the pieces that have only punctuation, of ASCII or by Unicode.

    Example: with the pieces [CLS], `세종`, `.`, `##…` and `x.`
        >>> [vocabulary.pieces[i] for i in punctuation_ids(vocabulary)]
        ['.', '##…']
    """
    texts = [content.decode("utf-8", "replace").strip() for content in joinable(vocabulary)]
    return [i for i, text in enumerate(texts) if text and all(map(_is_punctuation, text))]


def _is_punctuation(character: str) -> bool:
    return character in string.punctuation or unicodedata.category(character).startswith("P")
