"""Scores as the benchmarks' authors define them, in NumPy."""
