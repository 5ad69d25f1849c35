"""Benchmarks against peers: paired processes, medians, ratios. `python -m benchmarks`."""
