"""Vocabulary training: survey of a corpus, trainers, coverage."""
