"""Rows of a fixed length: segments, truncation and windows."""
