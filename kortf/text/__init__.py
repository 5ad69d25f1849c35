"""Strings: normalisation, vocabularies, tokenizers."""
