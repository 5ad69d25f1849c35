"""Tensor files: safetensors, torch pickles, TensorFlow 1 checkpoints."""
