"""Tokenizers: strings to ids in the graph, offsets, and ids back to strings."""
