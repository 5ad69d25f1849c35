"""Rules that change single characters and runs of them."""
