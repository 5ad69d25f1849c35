"""Model families, one module a `model_type`."""
