"""Vocabulary extension: terms of a domain in unused slots."""
