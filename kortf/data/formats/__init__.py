"""Formats of raw text: a block of bytes in, documents out."""
