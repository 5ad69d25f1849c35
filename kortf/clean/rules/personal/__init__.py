"""Rules that replace personal data by placeholders."""
