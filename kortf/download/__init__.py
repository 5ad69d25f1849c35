"""Fetch and check the published files of benchmarks and models."""
