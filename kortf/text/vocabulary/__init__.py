"""Vocabularies and their files."""
