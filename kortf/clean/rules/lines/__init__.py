"""Rules that change phrases and lines."""
