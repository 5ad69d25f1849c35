"""Scoring of fine-tuned models."""
