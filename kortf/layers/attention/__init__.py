"""Multi-head attention and its positions and cache."""
