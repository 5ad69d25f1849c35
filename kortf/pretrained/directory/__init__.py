"""Model directories as Hugging Face lays them out: read, write, check."""
