"""Encoders in exported graphs."""
