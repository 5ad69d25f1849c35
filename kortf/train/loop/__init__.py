"""The training loop: steps, checkpoints, signals, progress."""
