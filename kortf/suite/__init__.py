"""Suites of benchmarks: many fine-tunings of one model, and one table of their scores."""
