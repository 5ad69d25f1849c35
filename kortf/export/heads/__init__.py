"""Answers of each kind of head in exported graphs."""
