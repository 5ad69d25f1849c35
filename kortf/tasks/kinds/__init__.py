"""Task kinds: what benchmarks of one form share."""
