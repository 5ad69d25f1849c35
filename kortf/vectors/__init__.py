"""Files of vectors, exact search in them, and scores of retrieval."""
