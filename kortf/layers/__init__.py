"""Layers and losses: tensors in, tensors out; they know nothing of text, files or training."""
