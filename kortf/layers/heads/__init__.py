"""Heads: an encoder's vectors in, scores and losses out."""
