"""Benchmarks and tasks on own data, one module each, found by name."""
