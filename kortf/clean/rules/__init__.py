"""Cleaning rules, one module each."""
