"""Sentence embeddings: reading, losses, scores."""
