"""Mixtures: several records directories that are read together, by weights and phases."""
