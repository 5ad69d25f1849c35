"""The layout of sentence-transformers around a Hugging Face directory: one settings object."""
