"""Publish a model directory on the Hugging Face hub."""
