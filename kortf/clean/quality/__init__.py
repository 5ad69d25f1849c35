"""Quality of documents by a linear model over hashed n-grams."""
