"""Inputs of training: records, tokenized examples, held-out splits, and a summary of the data."""
