"""Distillation: a student that learns from a frozen teacher in the same step."""
