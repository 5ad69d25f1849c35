"""Rules that drop documents."""
