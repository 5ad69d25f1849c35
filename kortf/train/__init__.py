"""The training loop and what it needs: strategy, optimizer, schedule, checkpoints, progress."""
