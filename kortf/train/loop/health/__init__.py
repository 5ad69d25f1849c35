"""Health of a running step: signals, memory, and losses that are not finite."""
