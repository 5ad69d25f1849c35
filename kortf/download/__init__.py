"""Benchmarks' published files: where they are, their licences; fetched and checked."""
