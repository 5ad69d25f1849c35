"""Cleaning rules: one module a rule, which declares everything about it."""
