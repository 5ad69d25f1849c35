"""Benchmarks against peers: paired runs in one process, medians, ratios. `python -m benchmarks`."""
